/**
 * Receives the facts of one match. The game writes them through `emit`, between `begin` and `end` of each step, and each fact is
 * checked against its declaration before it counts.
 */
import { compileEmit, type EmitTarget } from "./compileEmit.ts";
import type { Emit, GameEvents } from "./emit.ts";
import { type Packing, packingOf } from "./events.ts";
import { Facts } from "./Facts.ts";
import { describeValue, GameFault, type Problem } from "./GameFault.ts";

const FIRST_WORDS = 256;

/** Compiled functions by declaration: one compilation serves all matches. */
const compiled = new WeakMap<GameEvents, readonly ReturnType<typeof compileEmit>[]>();

export class FactWriter<E extends GameEvents = any> implements EmitTarget {
  /** Facts since the latest `begin`. */
  readonly facts = new Facts(FIRST_WORDS);
  readonly emit: Emit<E>;
  readonly seats: number;
  readonly seatWords: number;
  isOpen = false;
  /**
   * The first mistake in a call of `emit`; null if there was none. It is kept here too, so that a game cannot hide it by catching
   * the error. A call outside of a step is only kept here: it may come from a forgotten promise, where an error ends the process.
   */
  fault: GameFault | null = null;
  private readonly game: string;
  private readonly events: E;

  /** @param seats Number of seats of the match. */
  constructor(game: string, events: E, seats: number) {
    this.game = game;
    this.events = events;
    this.seats = seats;
    this.seatWords = Math.ceil(seats / 32);
    this.emit = this.bind();
  }

  /** Forgets the facts of the step before, and accepts new ones until `end`. */
  begin(): void {
    this.facts.clear();
    this.isOpen = true;
  }

  end(): void {
    this.isOpen = false;
  }

  refuse(kind: number): void {
    this.fault ??= this.faultOf(kind, null, {
      what: "a fact was written outside of step",
      remedy: "write facts only within step, and start nothing in it that continues after it has returned",
    });
  }

  reject(kind: number, field: number, value: unknown): never {
    if (field < 0)
      return this.fail(kind, null, {
        what: `got ${describeValue(value)}, expected an object with the fields of the event`,
        remedy: `pass ${this.shapeOf(kind)}`,
      });
    const [name, schema] = Object.entries(this.eventOf(kind)[1].fields)[field];
    const expected = expectationOf(packingOf(schema), this.seats);
    return this.fail(kind, name, {
      what:
        value === undefined
          ? `the field is missing, expected ${expected}`
          : `got ${describe(value)}, expected ${expected}`,
      remedy: "write such a value, or change the declaration of the field in events",
    });
  }

  rejectExtra(kind: number, fact: object): never {
    const declared = this.eventOf(kind)[1].fields;
    const extra = Object.keys(fact).find((field) => !Object.hasOwn(declared, field)) ?? null;
    return this.fail(kind, extra, {
      what: "the event has no such field",
      remedy: `declare it in events, or pass only ${this.shapeOf(kind)}`,
    });
  }

  private fail(kind: number, field: string | null, problem: Problem): never {
    const fault = this.faultOf(kind, field, problem);
    this.fault ??= fault;
    throw fault;
  }

  private faultOf(kind: number, field: string | null, problem: Problem): GameFault {
    const [event] = this.eventOf(kind);
    return new GameFault(this.game, `emit.${event}${field === null ? "" : `, field ${field}`}`, problem);
  }

  private eventOf(kind: number) {
    return Object.entries(this.events)[kind];
  }

  private shapeOf(kind: number): string {
    return `{ ${Object.keys(this.eventOf(kind)[1].fields).join(", ")} }`;
  }

  private bind(): Emit<E> {
    let functions = compiled.get(this.events);
    if (functions === undefined) {
      functions = Object.values(this.events).map(compileEmit);
      compiled.set(this.events, functions);
    }
    const emit = Object.create(this.unknownEvents());
    for (const [kind, [name, { retired }]] of Object.entries(this.events).entries())
      if (!retired) emit[name] = functions[kind](this);
    return emit;
  }

  /** The prototype of `emit`: answers a name that is not declared with a function that reports it. */
  private unknownEvents(): object {
    const unknown = (name: string) => (): void => {
      const problem = Object.hasOwn(this.events, name)
        ? { what: "the event is retired", remedy: "stop writing it, or remove retired from its declaration" }
        : {
            what: "there is no such event",
            remedy: `declare it in events, or use one of ${Object.keys(this.events).join(", ")}`,
          };
      this.fault ??= new GameFault(this.game, `emit.${name}`, problem);
      if (this.isOpen) throw this.fault;
    };
    return new Proxy({}, { get: (_, name) => (typeof name === "string" ? unknown(name) : undefined) });
  }
}

/** A list is shown with its elements. */
function describe(value: unknown): string {
  return Array.isArray(value) ? `[${value.slice(0, 32).map(describeValue).join(", ")}]` : describeValue(value);
}

function expectationOf(packing: Packing, seats: number): string {
  switch (packing.as) {
    case "int":
      return `a whole number from ${packing.min} to ${packing.max}`;
    case "seat":
      return `a seat from 0 to ${seats - 1}${packing.nullable ? ", or null" : ""}`;
    case "seats":
      return `an array of different seats from 0 to ${seats - 1}`;
    case "name":
      return `one of ${packing.names.map((name) => JSON.stringify(name)).join(", ")}`;
  }
}
