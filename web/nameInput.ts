import { element } from "./element.ts";

/**
 * The field for the player's name. The server alone decides which names are good. The page removes only spaces at the ends, and
 * only in the field, where the player sees it.
 */
export function nameInput(value: string, attributes: Readonly<Record<string, string>>): HTMLInputElement {
  const input = element("input", {
    ...attributes,
    type: "text",
    required: true,
    autocomplete: "nickname",
    spellcheck: "false",
    dir: "auto",
    value,
    change: () => {
      input.value = input.value.trim();
    },
  });
  return input;
}
