/**
 * Owns the `facts` message: what happened in a tick, for effects and the kill feed, with players by their ids. Encoded
 * once for all clients.
 */
import { getMessageBytes, Protocol } from "@colyseus/core";
import { packingOf, wordsOf } from "../../src/game/events.ts";
import type { Facts } from "../../src/game/Facts.ts";
import type { Game } from "../../src/game/Game.ts";

type Read = (words: Int32Array, at: number, playerId: (seat: number) => string | null) => unknown;

interface Layout {
  readonly name: string;
  readonly words: number;
  readonly toClients: boolean;
  readonly fields: readonly { readonly name: string; readonly offset: number; readonly read: Read }[];
}

function layoutOf(game: Game, seats: number): Layout[] {
  return Object.entries(game.events).map(([name, event]) => {
    let offset = 0;
    const fields = Object.entries(event.fields).map(([field, schema]) => {
      const packing = packingOf(schema);
      const at = offset;
      offset += packing.as === "seats" ? Math.ceil(seats / 32) : 1;
      return { name: field, offset: at, read: reader(packing, seats) };
    });
    return { name, words: wordsOf(event, seats), toClients: event.toClients, fields };
  });
}

function reader(packing: ReturnType<typeof packingOf>, seats: number): Read {
  switch (packing.as) {
    case "int":
      return (words, at) => words[at];
    case "name":
      return (words, at) => packing.names[words[at]];
    case "seat":
      return (words, at, playerId) => (words[at] < 0 ? null : playerId(words[at]));
    case "seats":
      return (words, at, playerId) =>
        Array.from({ length: seats }, (_, seat) => seat)
          .filter((seat) => (words[at + (seat >> 5)] & (1 << (seat & 31))) !== 0)
          .map(playerId);
  }
}

export class FactsMessage {
  private readonly layouts: readonly Layout[];
  private readonly playerId: (seat: number) => string | null;

  constructor(game: Game, seats: number, playerId: (seat: number) => string | null) {
    this.layouts = layoutOf(game, seats);
    this.playerId = playerId;
  }

  /** The frame of `{ tick, facts: [{ t, …fields }] }`; null when there is nothing for clients. */
  encode(tick: number, facts: Facts): Uint8Array | null {
    let told: object[] | null = null;
    for (let at = 0; at < facts.length; ) {
      const layout = this.layouts[facts.words[at]];
      if (layout.toClients) {
        told ??= [];
        told.push(this.read(layout, facts.words, at + 1));
      }
      at += 1 + layout.words;
    }
    return told === null ? null : getMessageBytes.raw(Protocol.ROOM_DATA, "facts", { tick, facts: told });
  }

  private read(layout: Layout, words: Int32Array, at: number): object {
    const fact: Record<string, unknown> = { t: layout.name };
    for (const { name, offset, read } of layout.fields) fact[name] = read(words, at + offset, this.playerId);
    return fact;
  }
}
