/** The screen of a player who waits alone for a ranked match. */
import { element, setText } from "../element.ts";
import { mark } from "../marks.ts";
import { modeText } from "../modes.ts";
import { fillScreen } from "../screen.ts";
import { texts } from "../texts.ts";
import { foundPanel } from "./foundPanel.ts";
import type { QueueSession } from "./QueueSession.ts";
import type { LobbyView } from "./view.ts";
import { waitFigures } from "./waitFigures.ts";

export function showQueue(screen: HTMLElement, queueSession: QueueSession, cancel: () => void): LobbyView {
  const text = modeText(queueSession.mode);
  const figures = waitFigures();
  const found = foundPanel(queueSession.found, cancel);
  const message = element("p", { class: "message", role: "status", "data-testid": "message" });
  const lead = element(
    "p",
    { class: "lead" },
    queueSession.strategy === "random" ? texts.queue.leadAnyone : texts.queue.leadSimilar,
  );
  const stop = element("button", { type: "button", click: cancel, "data-testid": "cancel" }, texts.queue.cancel);
  const actions = element("div", { class: "actions" }, stop);
  fillScreen(
    screen,
    element(
      "section",
      { class: "card lobby", "data-testid": "queue", "aria-label": texts.queue.label },
      element("h1", {}, mark(text.mark, "", "ally"), texts.queue.title(text.title)),
      ...[lead, message, figures.node, found.node, actions],
    ),
    stop,
  );
  return {
    phase: () => (queueSession.found.phase === "none" ? "queue" : "found"),
    update() {
      const waits = queueSession.found.phase === "none";
      figures.update(queueSession.waiting);
      const hadFocus = found.node.contains(document.activeElement);
      found.update();
      for (const node of [figures.node, actions, lead]) node.hidden = !waits;
      setText(message, queueSession.message);
      message.hidden = queueSession.message === "";
      if (waits && hadFocus) stop.focus();
    },
  };
}
