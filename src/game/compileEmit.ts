/**
 * Compiles the function that writes the facts of one event. A game may write hundreds of facts per step, and reading fields by a
 * variable name costs several times as much as reading `fact.x`. So the function is generated once per declaration, as source
 * text, and each match binds it to its own buffer.
 */
import { type GameEvent, type Packing, packingOf } from "./events.ts";
import type { Facts } from "./Facts.ts";

/** What a generated function calls. */
export interface EmitTarget {
  readonly facts: Facts;
  readonly seats: number;
  /** Words of a set of seats. */
  readonly seatWords: number;
  /** Whether a step is running. */
  isOpen: boolean;
  /** Called instead of writing a fact outside of a step. */
  refuse(kind: number): void;
  /** Throws: the field at the position `field` has an invalid value. A position of −1 stands for the whole fact. */
  reject(kind: number, field: number, value: unknown): never;
  /** Throws: the fact has fields that are not declared. */
  rejectExtra(kind: number, fact: object): never;
}

/**
 * Only the first facts of an event in a match are searched for fields that are not declared, because counting fields is most of
 * the time of a check. All facts of one place in a game's code have the same fields.
 */
const COUNTED_FACTS = 256;

type BindEmit = (target: EmitTarget) => (fact: object) => void;

/**
 * Writes a set of seats into `words` from `at` on, one bit per seat. Returns whether it is an array of different seat numbers below
 * `seats`.
 */
function packSeats(words: Int32Array, at: number, value: unknown, seats: number): boolean {
  if (!Array.isArray(value)) return false;
  words.fill(0, at, at + ((seats + 31) >> 5));
  for (let index = 0; index < value.length; index++) {
    const seat = value[index];
    if (typeof seat !== "number" || (seat | 0) !== seat || seat < 0 || seat >= seats) return false;
    const bit = 1 << (seat & 31);
    if ((words[at + (seat >> 5)] & bit) !== 0) return false;
    words[at + (seat >> 5)] |= bit;
  }
  return true;
}

function countFields(fact: object): number {
  let count = 0;
  for (const _ in fact) count++;
  return count;
}

/** Source text that checks the local `v` and writes it at `at`. `names` is the expression for the field's names. */
function sourceOf(packing: Packing, v: string, reject: string, names: string): string {
  const isNotWhole = `typeof ${v} !== "number" || (${v} | 0) !== ${v}`;
  const write = `words[at++] = ${v};`;
  switch (packing.as) {
    case "int":
      return `if (${isNotWhole} || ${v} < ${packing.min} || ${v} > ${packing.max}) ${reject}; ${write}`;
    case "seat": {
      const check = `if (${isNotWhole} || ${v} < 0 || ${v} >= target.seats) ${reject}; ${write}`;
      return packing.nullable ? `if (${v} === null) words[at++] = -1; else { ${check} }` : check;
    }
    case "name":
      return `const n${v} = ${names}.get(${v}); if (n${v} === undefined) ${reject}; words[at++] = n${v};`;
    case "seats":
      return `if (!packSeats(words, at, ${v}, target.seats)) ${reject}; at += target.seatWords;`;
  }
}

/** Returns a function that binds the event, whose position in `game.events` is `kind`, to a match. */
export function compileEmit({ fields }: GameEvent, kind: number): BindEmit {
  const packings = Object.values(fields).map((field) => packingOf(field));
  const names = packings.map((packing) => new Map(packing.as === "name" ? packing.names.map((n, i) => [n, i]) : []));
  const seatSets = packings.filter(({ as }) => as === "seats").length;
  const source = `
    return (target) => {
      const facts = target.facts;
      let counted = 0;
      const size = ${1 + packings.length - seatSets} + ${seatSets} * target.seatWords;
      return (fact) => {
        if (!target.isOpen) return target.refuse(${kind});
        if (typeof fact !== "object" || fact === null) target.reject(${kind}, -1, fact);
        ${Object.keys(fields)
          .map((field, i) => `const v${i} = fact[${JSON.stringify(field)}];`)
          .join("\n        ")}
        const words = facts.reserve(size);
        let at = facts.length;
        words[at++] = ${kind};
        ${packings
          .map((packing, i) => sourceOf(packing, `v${i}`, `target.reject(${kind}, ${i}, v${i})`, `names[${i}]`))
          .join("\n        ")}
        if (counted < ${COUNTED_FACTS}) {
          counted++;
          if (countFields(fact) !== ${packings.length}) target.rejectExtra(${kind}, fact);
        }
        facts.commit(size);
      };
    };`;
  return new Function("packSeats", "countFields", "names", source)(packSeats, countFields, names) as BindEmit;
}
