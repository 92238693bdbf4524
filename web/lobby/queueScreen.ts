/** Owns the screen of those who wait alone for a ranked match. */
import { element, setText } from "../element.ts";
import { mark } from "../marks.ts";
import { modeText } from "../modes.ts";
import { foundPanel } from "./foundPanel.ts";
import type { Queueing } from "./Queueing.ts";
import type { LobbyView } from "./view.ts";
import { waitFigures } from "./waitFigures.ts";

export function showQueue(screen: HTMLElement, queueing: Queueing, cancel: () => void): LobbyView {
  const text = modeText(queueing.mode);
  const figures = waitFigures();
  const found = foundPanel(queueing.found, cancel);
  const said = element("p", { class: "said", role: "status", "data-testid": "said" });
  const lead = element(
    "p",
    { class: "lead" },
    queueing.strategy === "random"
      ? "Looking for whoever waits, of any level."
      : "Looking for people of your level. The longer it takes, the wider the search.",
  );
  const stop = element("button", { type: "button", click: cancel, "data-testid": "cancel" }, "Cancel");
  const actions = element("div", { class: "actions" }, stop);
  screen.replaceChildren(
    element(
      "section",
      { class: "card lobby", "data-testid": "queue", "aria-label": "Ranked queue" },
      element("h1", {}, mark(text.mark, "", "ally"), `Ranked ${text.title.toLowerCase()}`),
      ...[lead, said, figures.node, found.node, actions],
    ),
  );
  stop.focus();
  return {
    phase: () => (queueing.found.phase === "none" ? "queue" : "found"),
    update() {
      const waits = queueing.found.phase === "none";
      figures.update(queueing.waiting);
      const hadFocus = found.node.contains(document.activeElement);
      found.update();
      for (const node of [figures.node, actions, lead]) node.hidden = !waits;
      setText(said, queueing.said);
      said.hidden = queueing.said === "";
      if (waits && hadFocus) stop.focus();
    },
  };
}
