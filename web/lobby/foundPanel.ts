/** Owns how a match that was found is shown: the time that is left, the answers, and who is still waited for. */
import { element, setText } from "../element.ts";
import type { FoundMatch } from "./FoundMatch.ts";

const CONFIRM_SECONDS = 10;
const TITLE = document.title;

const WORDS = {
  none: "",
  asked: "Are you there? The match begins once everybody has confirmed.",
  sitting: "Taking your seat …",
  confirmed: "Confirmed. Waiting for the others …",
} as const;

interface FoundPanel {
  readonly node: HTMLElement;
  update(): void;
}

/** `decline` takes the player, or the party, out of the queue; who may not is not offered it. */
export function foundPanel(found: FoundMatch, decline: () => void, mayDecline = () => true): FoundPanel {
  const seconds = element("b", { class: "seconds", "data-testid": "seconds", "aria-hidden": "true" });
  const bar = element("span", { class: "bar" });
  const word = element("p", { role: "status", "data-testid": "found-word" });
  const confirm = element(
    "button",
    { type: "button", class: "primary", click: () => void found.accept(), "data-testid": "confirm" },
    "Confirm",
  );
  const refuse = element("button", { type: "button", click: decline, "data-testid": "decline" }, "Decline");
  const actions = element("div", { class: "actions" }, confirm, refuse);
  const node = element(
    "section",
    { class: "found", "data-testid": "found", "aria-label": "Match found", hidden: true },
    element("h2", {}, "Match found"),
    element("div", { class: "countdown", "aria-hidden": "true" }, element("span", { class: "track" }, bar), seconds),
    word,
    actions,
  );
  const update = (): void => {
    const { phase, confirmBy } = found;
    const appears = node.hidden && phase !== "none";
    node.hidden = phase === "none";
    document.title = phase === "asked" ? `Match found! ${TITLE}` : TITLE;
    const left = Math.max(0, (confirmBy - Date.now()) / 1000);
    setText(seconds, String(Math.min(CONFIRM_SECONDS, Math.ceil(left))));
    bar.style.scale = `${Math.min(1, left / CONFIRM_SECONDS)} 1`;
    setText(word, WORDS[phase]);
    confirm.disabled = phase !== "asked";
    refuse.hidden = !mayDecline();
    actions.hidden = phase === "confirmed" || phase === "sitting";
    if (appears) confirm.focus();
  };
  return { node, update };
}
