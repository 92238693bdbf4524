/** Owns the figures of a wait: how long it has taken, how long it took others, and how many wait. */
import { element, setText } from "../element.ts";
import type { Waiting } from "./stay.ts";

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
  const waited = figure("Waiting for", "waited");
  const estimate = figure("Estimated wait", "estimate");
  const players = figure("In the queue", "queue-length");
  const node = element("dl", { class: "wait", "data-testid": "wait" }, waited.node, estimate.node, players.node);
  const update = ({ since, estimatedMs, players: count }: Waiting): void => {
    setText(waited.value, clock(Date.now() - since));
    setText(estimate.value, estimatedMs === 0 ? "not known" : `about ${clock(estimatedMs)}`);
    setText(players.value, count === 1 ? "1 player" : `${count} players`);
  };
  return { node, update };
}
