/** Owns the two pages of a forgotten password: asking for a link, and setting another password by it. */
import { element } from "../element.ts";
import type { Account } from "../net/Account.ts";
import { emailField, field, form, PASSWORD_LENGTH_MIN, passwordField, status } from "./forms.ts";
import { showCard } from "./frame.ts";
import { linkTo } from "./route.ts";

interface PasswordPage {
  readonly account: Account;
  /** What was just done; empty for nothing. */
  readonly said: string;
  changed(said: string): void;
}

export function showForgot(screen: HTMLElement, { account, said, changed }: PasswordPage): void {
  const email = emailField("forgot-email");
  showCard(
    screen,
    ["Forgot your password?"],
    "forgot-page",
    element(
      "p",
      { class: "lead" },
      "We mail you a link by which you set another one. It works once, for half an hour.",
    ),
    ...status(said),
    form("forgot", [field("E-mail address of your account", email)], "Send the link", async () => {
      await account.askForReset(email.value);
      changed("If this address has an account, a message is on its way. Look among unwanted mail, too.");
    }),
    back(),
  );
}

/** `token`: of the link that led here. */
export function showReset(screen: HTMLElement, token: string, { account, changed }: PasswordPage): void {
  const password = passwordField("new-password");
  showCard(
    screen,
    ["Set a new password"],
    "reset-page",
    element("p", { class: "lead" }, "You are signed out on all devices then, and sign in anew."),
    form(
      "reset",
      [field(`New password (${PASSWORD_LENGTH_MIN} characters or more)`, password)],
      "Set password",
      async () => {
        await account.resetPassword(token, password.value);
        // In its place, so that Back does not lead to a link that was used.
        history.replaceState(null, "", linkTo({ screen: "account" }));
        changed("Your new password is set. Sign in with it.");
      },
      element("a", { href: linkTo({ screen: "forgot" }), "data-testid": "to-forgot" }, "Ask for a new link"),
    ),
    back(),
  );
}

const back = (): HTMLElement =>
  element(
    "div",
    { class: "actions" },
    element("a", { class: "button", href: linkTo({ screen: "account" }) }, "Back to signing in"),
  );
