/** Owns the way into a party: make one, or join one by its code. */
import { element } from "../element.ts";
import { showCard } from "../pages/frame.ts";

export const CODE_LENGTH = 8;

/** A code as people write it, in the letters of codes. */
export const cleanCode = (text: string): string =>
  text
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, CODE_LENGTH);

export interface PartyDoor {
  create(): void;
  join(code: string): void;
}

export function showPartyDoor(screen: HTMLElement, door: PartyDoor): void {
  const code = element("input", {
    type: "text",
    class: "code",
    required: true,
    // With room for blanks and dashes that people put between.
    maxlength: CODE_LENGTH + 4,
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    placeholder: "ABCD2345",
    "data-testid": "party-code",
  });
  const join = (event: Event): void => {
    event.preventDefault();
    const clean = cleanCode(code.value);
    code.setCustomValidity(clean.length === CODE_LENGTH ? "" : `A code has ${CODE_LENGTH} letters and digits.`);
    if (code.reportValidity()) door.join(clean);
  };
  const create = element(
    "button",
    { type: "button", class: "primary", click: () => door.create(), "data-testid": "party-create" },
    "Create a party",
  );
  showCard(
    screen,
    ["Party"],
    "party-door",
    element("p", { class: "lead" }, "Friends who queue together play in one team."),
    element(
      "div",
      { class: "columns" },
      element(
        "div",
        { class: "fields" },
        element("h2", {}, "Gather your friends"),
        element("p", { class: "hint" }, "You get a code to give to them, and you lead."),
        create,
      ),
      element(
        "form",
        { class: "fields", submit: join, novalidate: true },
        element("h2", {}, "Join a party"),
        element("label", {}, "Its code", code),
        element("button", { type: "submit", class: "primary", "data-testid": "party-join" }, "Join"),
      ),
    ),
  );
  code.addEventListener("input", () => code.setCustomValidity(""));
}
