/**
 * Declares the events of the arena. The order of events gives the kinds of facts, the order of fields their words. `factKinds.ts`
 * repeats these numbers for the simulation, which must not import this file (it imports zod).
 */
import { type GameEvent, int, name, optionalSeat, seat, seats } from "../game/events.ts";
import { WEAPON_NAMES } from "./rules.ts";

const place = () => int(0, 65_535);
const points = () => int(0, 65_535);

export const events = {
  /** `target` is null on a miss. (x, y) is where the attack landed: the target as the attacker saw it, or the end of the shot. */
  attack: {
    topic: "attack",
    shed: "second",
    toClients: true,
    fields: {
      attacker: seat(),
      target: optionalSeat(),
      weapon: name(WEAPON_NAMES),
      damage: points(),
      targetHp: points(),
      x: place(),
      y: place(),
      rewindTicks: int(0, 255),
    },
  },
  heal: {
    topic: "heal",
    shed: "second",
    toClients: true,
    fields: { healer: seat(), target: seat(), amount: points(), targetHp: points() },
  },
  /** `assists`: other players who damaged the victim shortly before. */
  death: {
    topic: "death",
    shed: "never",
    toClients: true,
    fields: { victim: seat(), killer: seat(), assists: seats(), weapon: name(WEAPON_NAMES), x: place(), y: place() },
  },
  move: {
    topic: "move",
    shed: "first",
    toClients: false,
    fields: { player: seat(), x: place(), y: place(), aim: int(0, 65_535) },
  },
  respawned: {
    topic: "match",
    shed: "never",
    toClients: false,
    fields: { player: seat(), x: place(), y: place() },
  },
} as const satisfies Record<string, GameEvent>;
