/** Figures of a wait: time so far, estimated time, and number of waiting players. */
import { element, setText } from "../element.ts";
import { texts } from "../texts.ts";
import type { Waiting } from "./sessionEvents.ts";

/** Minutes and seconds of a duration. */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function waitFigures() {
  const figure = (title: string, testId: string) => {
    const value = element("dd", { "data-testid": testId });
    return { value, node: element("div", {}, element("dt", {}, title), value) };
  };
  const waited = figure(texts.queue.waited, "waited");
  const estimate = figure(texts.queue.estimate, "estimate");
  const players = figure(texts.queue.players, "queue-length");
  const node = element("dl", { class: "wait", "data-testid": "wait" }, waited.node, estimate.node, players.node);
  const update = ({ since, estimatedMs, players: count }: Waiting): void => {
    setText(waited.value, clock(Date.now() - since));
    setText(
      estimate.value,
      estimatedMs === 0 ? texts.queue.estimateUnknown : texts.queue.estimateAbout(clock(estimatedMs)),
    );
    setText(players.value, texts.common.playerCount(count));
  };
  return { node, update };
}
