/**
 * The account page. Guests register or sign in here. After every change, the page calls `changed`, which shows the page again
 * with a message.
 */
import { element } from "../element.ts";
import { nameInput } from "../nameInput.ts";
import type { Account } from "../net/Account.ts";
import { texts } from "../texts.ts";
import { emailField, field, form, PASSWORD_LENGTH_MIN, passwordField, status } from "./forms.ts";
import { showCard } from "./frame.ts";
import { ownData } from "./ownData.ts";
import { linkTo } from "./route.ts";

interface AccountPage {
  readonly account: Account;
  /** The name that the form for new accounts suggests: the guest's name. */
  readonly guestName: string;
  /** Says what the player has just done; empty if there is nothing to say. */
  readonly message: string;
  changed(message: string): void;
}

const accountName = (value: string): HTMLInputElement => nameInput(value, { "data-testid": "account-name" });

export function showAccount(screen: HTMLElement, page: AccountPage): void {
  const { account } = page;
  if (account.isRegistered) showCard(screen, [texts.account.ownTitle], "account", ...ownAccount(page));
  else showCard(screen, [texts.account.title], "account", ...guestForms(page));
}

function ownAccount({ account, message, changed }: AccountPage): Node[] {
  const name = accountName(account.user!.name ?? "");
  const signOut = async (): Promise<void> => {
    await account.signOut();
    changed(texts.account.signedOut);
  };
  const signOutButton = element(
    "button",
    { type: "button", click: () => void signOut(), "data-testid": "sign-out" },
    texts.account.signOut,
  );
  return [
    element("p", { class: "lead" }, texts.account.ownLead),
    ...status(message),
    form("rename", [field(texts.account.name, name)], texts.account.saveName, async () => {
      await account.rename(name.value);
      changed(texts.account.renamed(account.user?.name ?? name.value));
    }),
    element(
      "div",
      { class: "actions" },
      element("a", { class: "button", href: linkTo({ screen: "profile", playerId: null }) }, texts.account.profile),
      signOutButton,
    ),
    ownData(account, changed),
  ];
}

function guestForms({ account, guestName, message, changed }: AccountPage): Node[] {
  const name = accountName(guestName);
  const newEmail = emailField("new-email");
  const newPassword = passwordField("new-password");
  const email = emailField("email");
  const password = passwordField("current-password");
  const { createHint, guestMatchesKept, signInHint, guestMatchesLost } = texts.account;
  const hasPlayed = account.user !== null;
  return [
    element("p", { class: "lead" }, texts.account.guestLead),
    ...status(message),
    element(
      "div",
      { class: "columns" },
      form(
        "register",
        [
          element("h2", {}, texts.account.createTitle),
          element("p", { class: "hint" }, hasPlayed ? createHint + guestMatchesKept : createHint),
          ...[field(texts.account.name, name), field(texts.account.email, newEmail)],
          field(texts.account.newPassword(PASSWORD_LENGTH_MIN), newPassword),
        ],
        texts.account.create,
        async () => {
          await account.register(newEmail.value, newPassword.value, name.value);
          changed(texts.account.created);
        },
      ),
      form(
        "sign-in",
        [
          element("h2", {}, texts.account.signInTitle),
          element("p", { class: "hint" }, hasPlayed ? signInHint + guestMatchesLost : signInHint),
          ...[field(texts.account.email, email), field(texts.account.password, password)],
        ],
        texts.account.signIn,
        async () => {
          await account.signIn(email.value, password.value);
          changed(texts.account.welcome(account.user?.name ?? null));
        },
        element("a", { href: linkTo({ screen: "forgot" }), "data-testid": "to-forgot" }, texts.account.forgot),
      ),
    ),
    ...(account.user === null ? [] : [ownData(account, changed)]),
  ];
}
