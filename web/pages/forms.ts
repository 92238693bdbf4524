import { element } from "../element.ts";
import { describeProblem } from "../net/problems.ts";
import { problem } from "./frame.ts";

export const PASSWORD_LENGTH_MIN = 8;

/** What was just done; empty for nothing. */
export const status = (message: string): Node[] =>
  message === "" ? [] : [element("p", { class: "message", role: "status", "data-testid": "message" }, `✓ ${message}`)];

/** A form that sends one request at a time and shows errors below its fields. `after` is shown below its button. */
export function form(
  testId: string,
  content: readonly Node[],
  action: string,
  send: () => Promise<void>,
  ...after: readonly Node[]
) {
  const refused = element("div");
  const button = element("button", { type: "submit", class: "primary", "data-testid": `${testId}-send` }, action);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    refused.replaceChildren();
    try {
      await send();
    } catch (error) {
      refused.replaceChildren(problem(describeProblem(error)));
    }
    button.disabled = false;
  };
  const sending = (event: Event): void => void submit(event);
  return element(
    "form",
    { class: "fields", "data-testid": testId, submit: sending },
    ...content,
    refused,
    button,
    ...after,
  );
}

export const field = (label: string, input: HTMLInputElement): HTMLElement => element("label", {}, label, input);

export const emailField = (testId: string): HTMLInputElement =>
  element("input", { type: "email", required: true, maxlength: 254, autocomplete: "username", "data-testid": testId });

export const passwordField = (purpose: "new-password" | "current-password"): HTMLInputElement =>
  element("input", {
    type: "password",
    required: true,
    minlength: purpose === "new-password" ? PASSWORD_LENGTH_MIN : 1,
    maxlength: 256,
    autocomplete: purpose,
    "data-testid": purpose,
  });
