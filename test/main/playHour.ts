/** An hour of a small game, without its pauses: one act a minute, in an order that depends on the seed. */
import { randomFrom } from "../pipeline/sinks/matches.ts";
import type { Person, PlayerScript } from "./PlayerScript.ts";

/** How often each act takes place. */
const ACTS = {
  ...{ guest: 6, register: 4, upgrade: 3, signIn: 10, rename: 5, delete: 4 },
  ...{ party: 6, partyKick: 3, duel: 3, droppedDuel: 3 },
  ...{ queue: 5, kick: 3, ban: 3, unban: 2 },
} as const;
type Act = keyof typeof ACTS;

/** Occur in no id, which have hexadecimal digits only, and in no code of a party, which is shorter. */
const NAMES = ["Quillonhurst", "Zebulonwick", "Wixleytown", "Vortimerson"];

export const actsOfAnHour = Object.values(ACTS).reduce((sum, count) => sum + count, 0);

export async function playHour(script: PlayerScript, seed: number): Promise<void> {
  await new Hour(script, seed).play();
}

class Hour {
  readonly #script: PlayerScript;
  readonly #random: () => number;
  readonly #people: Person[] = [];
  /** An unbanned player is not used again: a ban removes its player once more a few seconds later. */
  readonly #banned: Person[] = [];
  #names = 0;

  constructor(script: PlayerScript, seed: number) {
    this.#script = script;
    this.#random = randomFrom(seed);
  }

  async play(): Promise<void> {
    const acts = Object.entries(ACTS).flatMap(([act, count]) => Array<Act>(count).fill(act as Act));
    for (const act of this.#shuffled(acts)) await this.#perform(act);
  }

  async #perform(act: Act): Promise<void> {
    const script = this.#script;
    switch (act) {
      case "guest":
        this.#people.push(await script.guest());
        return;
      case "register":
        this.#people.push(await script.register(this.#newName()));
        return;
      case "upgrade":
        await script.register(this.#newName(), await this.#guest());
        return;
      case "signIn":
        return script.signIn((await this.#some(1))[0]);
      case "rename":
        return script.rename(await this.#account(), this.#newName());
      case "delete":
        return script.delete(this.#without((await this.#some(1))[0]));
      case "party":
      case "partyKick": {
        const [leader, member] = await this.#some(2);
        return script.party(leader, member, act === "partyKick");
      }
      case "duel":
      case "droppedDuel": {
        const [first, second] = await this.#some(2);
        return script.duel(first, second, act === "droppedDuel");
      }
      case "queue":
        return script.queue((await this.#some(1))[0], "left");
      case "kick":
        return script.queue((await this.#some(1))[0], "kick");
      case "ban":
        return this.#ban();
      case "unban":
        if (this.#banned.length === 0) await this.#ban();
        return script.unban(this.#banned.pop()!);
    }
  }

  async #ban(): Promise<void> {
    const [person] = await this.#some(1);
    await this.#script.queue(person, "ban");
    this.#banned.push(this.#without(person));
  }

  /** As many different people. If there are too few, guests come. */
  async #some(count: number): Promise<Person[]> {
    while (this.#people.length < count) this.#people.push(await this.#script.guest());
    return this.#shuffled(this.#people).slice(0, count);
  }

  async #guest(): Promise<Person> {
    const guests = this.#shuffled(this.#people.filter(({ email }) => email === null));
    if (guests.length === 0) this.#people.push(await this.#script.guest());
    return guests[0] ?? this.#people.at(-1)!;
  }

  async #account(): Promise<Person> {
    const accounts = this.#shuffled(this.#people.filter(({ email }) => email !== null));
    if (accounts.length === 0) this.#people.push(await this.#script.register(this.#newName()));
    return accounts[0] ?? this.#people.at(-1)!;
  }

  #without(person: Person): Person {
    this.#people.splice(this.#people.indexOf(person), 1);
    return person;
  }

  #newName(): string {
    return `${NAMES[this.#names % NAMES.length]}${this.#names++}`;
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const keyed = items.map((item) => [this.#random(), item] as const);
    return keyed.sort(([a], [b]) => a - b).map(([, item]) => item);
  }
}
