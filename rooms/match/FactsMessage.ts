import { getMessageBytes, Protocol } from "@colyseus/core";
import { type Packing, packingOf, unpackField, wordsOfField } from "../../src/game/events.ts";
import type { Facts } from "../../src/game/Facts.ts";
import type { Game } from "../../src/game/Game.ts";
import type { OwnFacts } from "./TickPackets.ts";

interface Field {
  readonly name: string;
  readonly offset: number;
  readonly packing: Packing;
}

interface Layout {
  readonly name: string;
  readonly words: number;
  readonly fields: readonly Field[];
  /** All clients, none, or the players in this field. */
  readonly to: "all" | "none" | Field;
}

/** Who holds the seats now. */
export interface SeatHolders {
  readonly count: number;
  playerId(seat: number): string | null;
  /** Null for a bot, and for an empty seat. */
  sessionAt(seat: number): string | null;
}

function layoutOf(game: Game, seats: number): Layout[] {
  return Object.entries(game.events).map(([name, { fields: declared, toClients }]) => {
    let words = 0;
    const fields = Object.entries(declared).map(([field, schema]) => {
      const packing = packingOf(schema);
      const offset = words;
      words += wordsOfField(packing, seats);
      return { name: field, offset, packing };
    });
    if (typeof toClients === "boolean") return { name, words, fields, to: toClients ? "all" : "none" };
    return { name, words, fields, to: fields.find((field) => field.name === toClients.only)! };
  });
}

/** Encodes the facts of a tick as `facts` messages: `{ tick, facts: [{ t, …fields }] }`, with ids for players. */
export class FactsMessage {
  private readonly layouts: readonly Layout[];
  private readonly seats: SeatHolders;
  private readonly hasOwn: boolean;
  private readonly playerId = (seat: number) => this.seats.playerId(seat);
  private readonly sessionAt = (seat: number) => this.seats.sessionAt(seat);

  constructor(game: Game, seats: SeatHolders) {
    this.layouts = layoutOf(game, seats.count);
    this.seats = seats;
    this.hasOwn = this.layouts.some(({ to }) => typeof to === "object");
  }

  /** Returns the message for all clients; null if the tick has no fact for all. Clients use it for effects and the kill feed. */
  encode(tick: number, facts: Facts): Uint8Array | null {
    let shown: object[] | null = null;
    for (let at = 0; at < facts.length; ) {
      const layout = this.layouts[facts.words[at]];
      if (layout.to === "all") {
        shown ??= [];
        shown.push(this.read(layout, facts.words, at + 1));
      }
      at += 1 + layout.words;
    }
    return shown === null ? null : bytesOf(tick, shown);
  }

  /** Returns the messages for single players; null if the tick has no fact for them. */
  encodeOwn(tick: number, facts: Facts): OwnFacts | null {
    if (!this.hasOwn) return null;
    const bySession = new Map<string, object[]>();
    for (let at = 0; at < facts.length; ) {
      const layout = this.layouts[facts.words[at]];
      if (typeof layout.to === "object") this.addTo(bySession, layout, layout.to, facts.words, at + 1);
      at += 1 + layout.words;
    }
    if (bySession.size === 0) return null;
    return new Map([...bySession].map(([session, shown]) => [session, bytesOf(tick, shown)]));
  }

  private addTo(
    bySession: Map<string, object[]>,
    layout: Layout,
    { offset, packing }: Field,
    words: Int32Array,
    at: number,
  ): void {
    const named = unpackField(packing, words, at + offset, this.seats.count, this.sessionAt);
    for (const session of Array.isArray(named) ? named : [named]) {
      if (session === null) continue;
      const shown = bySession.get(session);
      const fact = this.read(layout, words, at);
      if (shown === undefined) bySession.set(session, [fact]);
      else shown.push(fact);
    }
  }

  private read(layout: Layout, words: Int32Array, at: number): object {
    const fact: Record<string, unknown> = { t: layout.name };
    for (const { name, offset, packing } of layout.fields)
      fact[name] = unpackField(packing, words, at + offset, this.seats.count, this.playerId);
    return fact;
  }
}

function bytesOf(tick: number, facts: readonly object[]): Uint8Array {
  return getMessageBytes.raw(Protocol.ROOM_DATA, "facts", { tick, facts });
}
