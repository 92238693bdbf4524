/** A party whose members queue together for one match, with the unmodified SDK. */
import { setTimeout as delay } from "node:timers/promises";
import type { Client, Room } from "@colyseus/sdk";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { clientOf, Entrant, joinWithin, type Person, within } from "./Entrant.ts";

const ANSWER_MS = 15_000;
const AGAIN_MS = 300;
const LEAVE_MS = 3000;

export class FullParty {
  readonly members: readonly Entrant[];
  code = "";
  readonly #url: () => string;
  readonly #mode: string;
  readonly #answerMs: number;
  #rooms: Room<any, any>[] = [];
  #stopping = false;

  /** `answerMs`: how long the party waits for an answer before it starts again. */
  constructor(people: readonly Person[], mode: string, url: () => string, answerMs = ANSWER_MS) {
    this.members = people.map((person) => new Entrant({ person, mode, url, answerMs }));
    this.#answerMs = answerMs;
    this.#url = url;
    this.#mode = mode;
  }

  get placed(): boolean {
    return this.members.every(({ placed }) => placed);
  }

  /**
   * Resolves when all players of the found match have confirmed, or after `stop`. Repeats attempts that fail on a slow machine.
   */
  async enter(): Promise<void> {
    while (!this.placed && !this.#stopping) {
      await this.#enterOnce().catch((error) => {
        for (const { problems } of this.members) problems.push(`party: ${(error as Error)?.message ?? error}`);
      });
      await this.#leave();
      if (!this.placed) await delay(AGAIN_MS);
    }
  }

  /** Resolves when all connections of the party are closed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#leave();
    await Promise.all(this.members.map((one) => one.stop()));
  }

  async #leave(): Promise<void> {
    const rooms = this.#rooms.filter(({ connection }) => connection.isOpen);
    this.#rooms = [];
    await Promise.all(rooms.map((room) => within(room.leave(), LEAVE_MS).catch(() => room.connection.close())));
  }

  async #enterOnce(): Promise<void> {
    const ended: Promise<void>[] = [];
    for (const [at, member] of this.members.entries()) {
      const client = await clientOf(this.#url(), member.person);
      const join = () => (at === 0 ? client.create<any>("party", {}) : client.joinById<any>(this.code, {}));
      const room = await untilAccepted(() => joinWithin<Room<any, any>>(join(), this.#answerMs));
      this.code = room.roomId;
      this.#rooms.push(room);
      ended.push(this.#listen(room, client, member));
      room.send("ready", true);
    }
    const all = Promise.all(ended);
    // Awaited below, after all members are ready.
    all.catch(() => {});
    const [leading] = this.#rooms;
    const ready = () => [...leading.state.members.values()].filter((member: any) => member.ready).length;
    await within(
      new Promise<void>((resolve) => {
        leading.onStateChange(() => ready() === this.members.length && resolve());
        if (ready() === this.members.length) resolve();
      }),
      this.#answerMs,
    );
    leading.send("queue", { mode: this.#mode, strategy: "elo" });
    for (const member of this.members) member.entered++;
    await all;
  }

  #listen(room: Room<any, any>, client: Client, member: Entrant): Promise<void> {
    room.onMessage("returned", () => {});
    room.onMessage("seat", (seat: any) => void member.takeSeat(client, seat, () => room.send("confirm")));
    return new Promise((resolve, reject) => {
      room.onError((code, message) => {
        member.problems.push(`${code} ${message}`);
        // If a confirmation is refused, the queue reports whether the match is still played.
        if (room.state.phase !== "found") reject(new Error(`${code} ${message}`));
      });
      room.onMessage("queueEnded", ({ how }: { how: string }) => {
        if (how !== "confirmed") return reject(new Error(`the party left the queue: ${how}`));
        member.sat.at(-1)!.confirmed = true;
        resolve();
      });
      room.onLeave((code) => reject(new Error(`the party's room closed with ${code}`)));
    });
  }
}
