/**
 * Owns the account page: registering and signing in for guests; for those with an account, their name and signing out; for both
 * what is stored of them. Calls `changed` after every change, which shows the page anew, with a word on what was done.
 */
import { element } from "../element.ts";
import type { Account } from "../net/Account.ts";
import { emailField, field, form, nameField, PASSWORD_LENGTH_MIN, passwordField, status } from "./forms.ts";
import { showCard } from "./frame.ts";
import { ownData } from "./ownData.ts";
import { linkTo } from "./route.ts";

interface AccountPage {
  readonly account: Account;
  /** The name under which a guest plays. */
  readonly guestName: string;
  /** What was just done; empty for nothing. */
  readonly said: string;
  changed(said: string): void;
}

export function showAccount(screen: HTMLElement, page: AccountPage): void {
  const { account } = page;
  if (account.hasAccount) showCard(screen, ["Your account"], "account", ...ownAccount(page));
  else showCard(screen, ["Account"], "account", ...guestForms(page));
}

function ownAccount({ account, said, changed }: AccountPage): Node[] {
  const name = nameField(account.user!.name ?? "");
  const signingOut = async (): Promise<void> => {
    await account.signOut();
    changed("You are signed out.");
  };
  const signOut = element(
    "button",
    { type: "button", click: () => void signingOut(), "data-testid": "sign-out" },
    "Sign out",
  );
  return [
    element("p", { class: "lead" }, "You are signed in. Rating and record stay with your account."),
    ...status(said),
    form("rename", [field("Name", name)], "Save name", async () => {
      await account.rename(name.value);
      changed(`From now on you are called ${account.user?.name}.`);
    }),
    element(
      "div",
      { class: "actions" },
      element("a", { class: "button", href: linkTo({ screen: "record", playerId: null }) }, "Your record"),
      signOut,
    ),
    ownData(account, changed),
  ];
}

function guestForms({ account, guestName, said, changed }: AccountPage): Node[] {
  const name = nameField(guestName);
  const newEmail = emailField("new-email");
  const newPassword = passwordField("new-password");
  const email = emailField("email");
  const password = passwordField("current-password");
  const kept =
    account.user === null ? "" : " What you have played as a guest comes along: same player, same rating, same record.";
  const lost =
    account.user === null ? "" : " What you have played as a guest stays with the guest and is out of reach then.";
  return [
    element("p", { class: "lead" }, "You play as a guest, known to this browser only. An account is known everywhere."),
    ...status(said),
    element(
      "div",
      { class: "columns" },
      form(
        "register",
        [
          element("h2", {}, "Create an account"),
          element("p", { class: "hint" }, `All it takes is an e-mail address and a password.${kept}`),
          ...[field("Name", name), field("E-mail address", newEmail)],
          field(`Password (${PASSWORD_LENGTH_MIN} characters or more)`, newPassword),
        ],
        "Create account",
        async () => {
          await account.register(newEmail.value, newPassword.value, name.value);
          changed("Your account is made.");
        },
      ),
      form(
        "sign-in",
        [
          element("h2", {}, "Sign in"),
          element("p", { class: "hint" }, `For those who have an account.${lost}`),
          ...[field("E-mail address", email), field("Password", password)],
        ],
        "Sign in",
        async () => {
          await account.signIn(email.value, password.value);
          changed(`Welcome back, ${account.user?.name ?? "you"}.`);
        },
        element("a", { href: linkTo({ screen: "forgot" }), "data-testid": "to-forgot" }, "Forgot your password?"),
      ),
    ),
    ...(account.user === null ? [] : [ownData(account, changed)]),
  ];
}
