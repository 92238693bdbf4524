import { element } from "../element.ts";
import { mark } from "../marks.ts";
import { WEAPON_MARKS } from "../roles.ts";
import { texts } from "../texts.ts";

const LINES_MAX = 5;
const SHOWN_MS = 7000;

interface Named {
  readonly name: string;
  readonly ally: boolean;
}

export class KillFeed {
  readonly node = element("ol", { id: "feed", "data-testid": "feed" });

  /** `killer` is null for a death without a killer; `own` highlights a kill or death of the player. */
  add(killer: Named | null, victim: Named, weapon: string, own: boolean): void {
    const named = ({ name, ally }: Named): Node =>
      element("span", { class: ally ? "ally" : "enemy" }, mark(ally ? "ally" : "enemy"), ` ${name}`);
    const line = element(
      "li",
      { class: own ? "plate own" : "plate" },
      ...(killer === null ? [] : [named(killer)]),
      mark(WEAPON_MARKS[weapon] ?? "death", texts.hud.killed),
      mark("death"),
      named(victim),
    );
    this.node.append(line);
    while (this.node.childElementCount > LINES_MAX) this.node.firstElementChild!.remove();
    setTimeout(() => line.remove(), SHOWN_MS);
  }
}
