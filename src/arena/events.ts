/**
 * Declares the events of the arena. The simulation imports only the type of this file, because this file imports zod, and the
 * simulation must run in any JavaScript engine.
 */
import { type GameEvent, int, name, optionalSeat, seat, seats } from "../game/events.ts";
import { WEAPON_NAMES } from "./rules.ts";

const coordinate = () => int(0, 65_535);
const hitPoints = () => int(0, 65_535);

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
      damage: hitPoints(),
      targetHp: hitPoints(),
      x: coordinate(),
      y: coordinate(),
      rewindTicks: int(0, 255),
    },
  },
  heal: {
    topic: "heal",
    shed: "second",
    toClients: true,
    fields: { healer: seat(), target: seat(), amount: hitPoints(), targetHp: hitPoints() },
  },
  /** `assists`: other players who damaged the victim shortly before. */
  death: {
    topic: "death",
    shed: "never",
    toClients: true,
    fields: {
      victim: seat(),
      killer: seat(),
      assists: seats(),
      weapon: name(WEAPON_NAMES),
      x: coordinate(),
      y: coordinate(),
    },
  },
  move: {
    topic: "move",
    shed: "first",
    toClients: false,
    fields: { player: seat(), x: coordinate(), y: coordinate(), aim: int(0, 65_535) },
  },
  respawned: {
    topic: "match",
    shed: "never",
    toClients: false,
    fields: { player: seat(), x: coordinate(), y: coordinate() },
  },
} as const satisfies Record<string, GameEvent>;
