/** Tag with commands and join options, all of which change the world, so that its hash shows whether they are applied. */

import { defineGame } from "../../src/game/defineGame.ts";
import { int, name, optionalSeat, seat } from "../../src/game/events.ts";
import type { Frames } from "../../src/game/Frames.ts";
import { tag } from "../tag/tag.ts";

const KINDS = ["tower", "wall"] as const;
const SKINS = ["red", "blue"] as const;

export const builders = defineGame({
  ...tag,
  name: "builders",
  rules: { ...tag.rules, playMs: 600_000 },
  commands: {
    build: { fields: { x: int(0, 99), y: int(0, 99).default(7), what: name(KINDS) } },
    gift: { fields: { to: seat(), thanks: optionalSeat() }, perSecond: 20 },
    wave: { fields: {}, perSecond: 20 },
  },
  joinOptions: { loadout: int(0, 5).default(1), skin: name(SKINS).default("red") },
  step: (world, frames) => {
    const add = (to: number, points: number): void => {
      world.words[world.offsetOf(to) + 3] += points;
    };
    for (const command of frames.commands) {
      if (command.name === "build") {
        const { x, y, what } = command.data;
        add(command.seat, (x * 100 + y) * 2 + KINDS.indexOf(what));
      } else if (command.name === "gift") add(command.data.to, 3 + (command.data.thanks ?? 50));
      else add(command.seat, 1);
      // The order matters.
      add(command.seat, world.words[world.offsetOf(command.seat) + 3] % 7);
    }
    for (let at = 0; at < frames.seats; at++) {
      const { loadout, skin } = frames.options[at];
      add(at, loadout * 2 + SKINS.indexOf(skin));
    }
    tag.step(world, frames as Frames);
  },
});
