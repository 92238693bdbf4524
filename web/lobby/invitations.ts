/** Owns the box in which invitations to parties stand until they are answered, or are too old to be good. */
import { element } from "../element.ts";

const box = document.getElementById("invitations")!;
/** A party may have gone by then. */
const GOOD_FOR_MS = 120_000;

export interface Invited {
  /** The party's code. */
  readonly partyId: string;
  readonly name: string;
}

/** Shows an invitation, in the place of an older one to the same party. */
export function showInvitation({ partyId, name }: Invited, join: () => void): void {
  const close = (): void => {
    clearTimeout(timer);
    line.remove();
  };
  const accept = (): void => {
    close();
    join();
  };
  const line = element(
    "div",
    { class: "invitation", "data-testid": "invitation", "data-party": partyId },
    element("span", {}, element("b", {}, name), " invites you to a party."),
    element("button", { type: "button", class: "primary", click: accept, "data-testid": "invitation-join" }, "Join"),
    element("button", { type: "button", click: close, "data-testid": "invitation-close" }, "Not now"),
  );
  const timer = setTimeout(close, GOOD_FOR_MS);
  for (const before of box.querySelectorAll<HTMLElement>(".invitation"))
    if (before.dataset.party === partyId) before.remove();
  box.append(line);
}
