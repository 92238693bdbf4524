/** Invitations to parties. Each is shown until it is answered or expires. */
import { element } from "../element.ts";
import { texts } from "../texts.ts";

const box = document.getElementById("invitations")!;
/** Older invitations often lead to parties that no longer exist. */
const EXPIRE_MS = 120_000;

export interface Invitation {
  /** The party's code. */
  readonly partyId: string;
  readonly name: string;
}

/** Shows an invitation. It replaces an older one to the same party. */
export function showInvitation({ partyId, name }: Invitation, join: () => void): void {
  const close = (): void => {
    clearTimeout(timer);
    node.remove();
  };
  const accept = (): void => {
    close();
    join();
  };
  const node = element(
    "div",
    { class: "invitation", "data-testid": "invitation", "data-party": partyId },
    element("span", {}, element("b", {}, name), texts.invitation.text),
    element(
      "button",
      { type: "button", class: "primary", click: accept, "data-testid": "invitation-join" },
      texts.invitation.join,
    ),
    element("button", { type: "button", click: close, "data-testid": "invitation-close" }, texts.invitation.dismiss),
  );
  const timer = setTimeout(close, EXPIRE_MS);
  for (const before of box.querySelectorAll<HTMLElement>(".invitation"))
    if (before.dataset.party === partyId) before.remove();
  box.append(node);
}
