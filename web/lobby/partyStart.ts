/** The page to create a party or join one by its code. */
import { element } from "../element.ts";
import { showCard } from "../pages/frame.ts";
import { texts } from "../texts.ts";

export const CODE_LENGTH = 8;

/** Normalises a typed code: upper case, without spaces and dashes. */
export const cleanCode = (text: string): string =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, CODE_LENGTH);

export interface PartyStartEvents {
  create(): void;
  join(code: string): void;
}

export function showPartyStart(screen: HTMLElement, { create, join }: PartyStartEvents): void {
  const code = element("input", {
    type: "text",
    class: "code",
    required: true,
    // Leaves room for spaces and dashes between the characters.
    maxlength: CODE_LENGTH + 4,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    placeholder: texts.partyStart.codeExample,
    "data-testid": "party-code",
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    const clean = cleanCode(code.value);
    code.setCustomValidity(clean.length === CODE_LENGTH ? "" : texts.partyStart.codeInvalid(CODE_LENGTH));
    if (code.reportValidity()) join(clean);
  };
  const createButton = element(
    "button",
    { type: "button", class: "primary", click: () => create(), "data-testid": "party-create" },
    texts.partyStart.create,
  );
  showCard(
    screen,
    [texts.partyStart.title],
    "party-start",
    element("p", { class: "lead" }, texts.partyStart.lead),
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        { class: "fields" },
        element("h2", {}, texts.partyStart.createTitle),
        element("p", { class: "hint" }, texts.partyStart.createHint),
        createButton,
      ),
      element(
        "form",
        { class: "fields", submit, novalidate: true },
        element("h2", {}, texts.partyStart.joinTitle),
        element("label", {}, texts.partyStart.code, code),
        element("button", { type: "submit", class: "primary", "data-testid": "party-join" }, texts.partyStart.join),
      ),
    ),
  );
  code.addEventListener("input", () => code.setCustomValidity(""));
}
