/** Panel for a match that was found: the time left and the buttons to confirm or decline. */
import { element, setText } from "../element.ts";
import { texts } from "../texts.ts";
import type { FoundMatch } from "./FoundMatch.ts";

const CONFIRM_SECONDS = 10;
const STATUS = { none: "", ...texts.matchFound };

interface FoundPanel {
  readonly node: HTMLElement;
  update(): void;
}

/** `decline` takes the player or the party out of the queue. Its button is hidden unless `mayDecline`. */
export function foundPanel(found: FoundMatch, decline: () => void, mayDecline = () => true): FoundPanel {
  const seconds = element("b", { class: "seconds", "data-testid": "seconds", "aria-hidden": "true" });
  const bar = element("span", { class: "bar" });
  const status = element("p", { role: "status", "data-testid": "found-status" });
  const confirm = element(
    "button",
    { type: "button", class: "primary", click: () => void found.accept(), "data-testid": "confirm" },
    texts.matchFound.confirm,
  );
  const refuse = element(
    "button",
    { type: "button", click: decline, "data-testid": "decline" },
    texts.matchFound.decline,
  );
  const actions = element("div", { class: "actions" }, confirm, refuse);
  const node = element(
    "section",
    { class: "found", "data-testid": "found", "aria-label": texts.matchFound.title, hidden: true },
    element("h2", {}, texts.matchFound.title),
    element("div", { class: "countdown", "aria-hidden": "true" }, element("span", { class: "track" }, bar), seconds),
    status,
    actions,
  );
  const update = (): void => {
    const { phase, confirmBy } = found;
    const appears = node.hidden && phase !== "none";
    node.hidden = phase === "none";
    document.title = phase === "offered" ? texts.document.matchFound : texts.document.title;
    const left = Math.max(0, (confirmBy - Date.now()) / 1000);
    setText(seconds, String(Math.min(CONFIRM_SECONDS, Math.ceil(left))));
    bar.style.scale = `${Math.min(1, left / CONFIRM_SECONDS)} 1`;
    setText(status, STATUS[phase]);
    confirm.disabled = phase !== "offered";
    refuse.hidden = !mayDecline();
    actions.hidden = phase === "confirmed" || phase === "joining";
    if (appears) confirm.focus();
  };
  return { node, update };
}
