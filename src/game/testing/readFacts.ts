/** Reads facts by name, for tests. */
import type { FactOf, GameEvents } from "../emit.ts";
import { packingOf, unpackField, wordsOfField } from "../events.ts";
import type { Facts } from "../Facts.ts";

/**
 * A fact as the game wrote it: its fields, the name `t` of its event as in the message `facts`, and its tick. Players are seat numbers.
 */
export type TestFact<E extends GameEvents> = string extends keyof E
  ? any
  : { [K in keyof E]: FactOf<E[K]> & { readonly t: K; readonly tick: number } }[keyof E];

/** Returns the facts of one tick of a match with `seats` seats. */
export function readFacts<E extends GameEvents>(events: E, facts: Facts, seats: number, tick: number): TestFact<E>[] {
  const declared = Object.entries(events);
  const read: object[] = [];
  for (let at = 0; at < facts.length; ) {
    const [name, { fields }] = declared[facts.words[at++]];
    const fact: Record<string, unknown> = { t: name, tick };
    for (const [field, schema] of Object.entries(fields)) {
      const packing = packingOf(schema);
      fact[field] = unpackField(packing, facts.words, at, seats, (seat) => seat);
      at += wordsOfField(packing, seats);
    }
    read.push(fact);
  }
  return read as TestFact<E>[];
}
