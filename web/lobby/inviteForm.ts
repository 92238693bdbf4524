/** Owns the line by which a player is invited to a party: by the address of their record, or their id. */
import { element } from "../element.ts";
import { readRoute } from "../pages/route.ts";
import type { Party } from "./Party.ts";

/** Ids of players are random UUIDs. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Out of what people copy: the address of a record, or the id in it. Null for anything else. */
export function playerIdIn(text: string): string | null {
  const trimmed = text.trim().toLowerCase();
  const route = readRoute(trimmed.split("#")[1] ?? "");
  const id = route.screen === "record" ? route.playerId : trimmed;
  return id !== null && ID.test(id) ? id : null;
}

export function inviteForm(party: Party): HTMLElement {
  const who = element("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: "address of their record",
    "data-testid": "invite-who",
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    const playerId = playerIdIn(who.value);
    who.setCustomValidity(playerId === null ? "Copy the address of the player's record, out of the ranking." : "");
    if (!who.reportValidity() || playerId === null) return;
    party.invite(playerId);
    who.value = "";
  };
  who.addEventListener("input", () => who.setCustomValidity(""));
  return element(
    "form",
    { class: "invite", submit, novalidate: true },
    element("label", {}, "Invite a player", who),
    element("button", { type: "submit", "data-testid": "invite" }, "Invite"),
  );
}
