import { getMessageBytes, Protocol } from "@colyseus/core";
import { type Packing, packingOf, unpackField, wordsOfField } from "../../src/game/events.ts";
import type { Facts } from "../../src/game/Facts.ts";
import type { Game } from "../../src/game/Game.ts";

interface Layout {
  readonly name: string;
  readonly words: number;
  readonly toClients: boolean;
  readonly fields: readonly { readonly name: string; readonly offset: number; readonly packing: Packing }[];
}

function layoutOf(game: Game, seats: number): Layout[] {
  return Object.entries(game.events).map(([name, event]) => {
    let words = 0;
    const fields = Object.entries(event.fields).map(([field, schema]) => {
      const packing = packingOf(schema);
      const offset = words;
      words += wordsOfField(packing, seats);
      return { name: field, offset, packing };
    });
    return { name, words, toClients: event.toClients, fields };
  });
}

/** Encodes the facts of a tick as a `facts` message, once for all clients. Clients use it for effects and the kill feed. */
export class FactsMessage {
  private readonly layouts: readonly Layout[];
  private readonly seats: number;
  private readonly playerId: (seat: number) => string | null;

  constructor(game: Game, seats: number, playerId: (seat: number) => string | null) {
    this.layouts = layoutOf(game, seats);
    this.seats = seats;
    this.playerId = playerId;
  }

  /** Returns the message `{ tick, facts: [{ t, …fields }] }`, with ids for players; null if the tick has no fact for clients. */
  encode(tick: number, facts: Facts): Uint8Array | null {
    let shown: object[] | null = null;
    for (let at = 0; at < facts.length; ) {
      const layout = this.layouts[facts.words[at]];
      if (layout.toClients) {
        shown ??= [];
        shown.push(this.read(layout, facts.words, at + 1));
      }
      at += 1 + layout.words;
    }
    return shown === null ? null : getMessageBytes.raw(Protocol.ROOM_DATA, "facts", { tick, facts: shown });
  }

  private read(layout: Layout, words: Int32Array, at: number): object {
    const fact: Record<string, unknown> = { t: layout.name };
    for (const { name, offset, packing } of layout.fields)
      fact[name] = unpackField(packing, words, at + offset, this.seats, this.playerId);
    return fact;
  }
}
