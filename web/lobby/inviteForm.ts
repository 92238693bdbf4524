/** The form to invite a player to a party, by the link to their profile or by their id. */
import { element } from "../element.ts";
import { readRoute } from "../pages/route.ts";
import { texts } from "../texts.ts";
import type { PartySession } from "./PartySession.ts";

/** Player ids are random UUIDs. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The player id in `text`: a link to a profile, or the id itself. Null for any other text. */
export function playerIdIn(text: string): string | null {
  const trimmed = text.trim().toLowerCase();
  const route = readRoute(trimmed.split("#")[1] ?? "");
  const id = route.screen === "profile" ? route.playerId : trimmed;
  return id !== null && ID.test(id) ? id : null;
}

export function inviteForm(party: PartySession): HTMLElement {
  const who = element("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: texts.party.invitePlaceholder,
    "data-testid": "invite-who",
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    const playerId = playerIdIn(who.value);
    who.setCustomValidity(playerId === null ? texts.party.inviteInvalid : "");
    if (!who.reportValidity() || playerId === null) return;
    party.invite(playerId);
    who.value = "";
  };
  who.addEventListener("input", () => who.setCustomValidity(""));
  return element(
    "form",
    { class: "invite", submit, novalidate: true },
    element("label", {}, texts.party.inviteLabel, who),
    element("button", { type: "submit", "data-testid": "invite" }, texts.party.invite),
  );
}
