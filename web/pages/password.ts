/** The two pages for a forgotten password: request a link, and set a new password with it. */
import { element } from "../element.ts";
import type { Account } from "../net/Account.ts";
import { texts } from "../texts.ts";
import { emailField, field, form, PASSWORD_LENGTH_MIN, passwordField, status } from "./forms.ts";
import { showCard } from "./frame.ts";
import { linkTo } from "./route.ts";

interface PasswordPage {
  readonly account: Account;
  /** What was just done; empty for nothing. */
  readonly message: string;
  changed(message: string): void;
}

export function showForgot(screen: HTMLElement, { account, message, changed }: PasswordPage): void {
  const email = emailField("forgot-email");
  showCard(
    screen,
    [texts.password.forgotTitle],
    "forgot-page",
    element("p", { class: "lead" }, texts.password.forgotLead),
    ...status(message),
    form("forgot", [field(texts.password.email, email)], texts.password.sendLink, async () => {
      await account.requestPasswordReset(email.value);
      changed(texts.password.linkSent);
    }),
    back(),
  );
}

/** `token`: from the link that the player followed. */
export function showReset(screen: HTMLElement, token: string, { account, changed }: PasswordPage): void {
  const password = passwordField("new-password");
  showCard(
    screen,
    [texts.password.resetTitle],
    "reset-page",
    element("p", { class: "lead" }, texts.password.resetLead),
    form(
      "reset",
      [field(texts.password.newPassword(PASSWORD_LENGTH_MIN), password)],
      texts.password.setPassword,
      async () => {
        await account.resetPassword(token, password.value);
        // Replaces the history entry, so that Back does not lead to a used link.
        history.replaceState(null, "", linkTo({ screen: "account" }));
        changed(texts.password.changed);
      },
      element("a", { href: linkTo({ screen: "forgot" }), "data-testid": "to-forgot" }, texts.password.newLink),
    ),
    back(),
  );
}

const back = (): HTMLElement =>
  element(
    "div",
    { class: "actions" },
    element("a", { class: "button", href: linkTo({ screen: "account" }) }, texts.password.back),
  );
