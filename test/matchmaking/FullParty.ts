/** A party of people who queue once, together, with the unmodified SDK. */
import type { Client, Room } from "@colyseus/sdk";
import { clientOf, Entrant, type Person, patiently, plain, within } from "./Entrant.ts";

const ANSWER_MS = 15_000;

export class FullParty {
  readonly members: readonly Entrant[];
  code = "";
  readonly #url: () => string;
  readonly #mode: string;
  readonly #rooms: Room<any, any>[] = [];

  constructor(people: readonly Person[], mode: string, url: () => string) {
    this.members = people.map((person) => new Entrant({ person, mode, url }));
    this.#url = url;
    this.#mode = mode;
  }

  /** Resolves when everyone of the match that was found has confirmed. */
  async enter(): Promise<void> {
    const ended: Promise<void>[] = [];
    for (const [at, member] of this.members.entries()) {
      const client = await clientOf(this.#url(), member.person);
      const join = () => (at === 0 ? client.create<any>("party", {}) : client.joinById<any>(this.code, {}));
      const room = plain(await patiently(() => within<Room<any, any>>(join(), ANSWER_MS)));
      this.code = room.roomId;
      this.#rooms.push(room);
      ended.push(this.#listen(room, client, member));
      room.send("ready", true);
    }
    const [leading] = this.#rooms;
    const ready = () => [...leading.state.members.values()].filter((member: any) => member.ready).length;
    await within(
      new Promise<void>((resolve) => {
        leading.onStateChange(() => ready() === this.members.length && resolve());
        if (ready() === this.members.length) resolve();
      }),
      ANSWER_MS,
    );
    leading.send("queue", { mode: this.#mode, strategy: "elo" });
    await Promise.all(ended);
    await Promise.all(this.#rooms.map((room) => room.leave().catch(() => {})));
  }

  #listen(room: Room<any, any>, client: Client, member: Entrant): Promise<void> {
    room.onError((code, message) => void member.problems.push(`${code} ${message}`));
    room.onMessage("returned", () => {});
    room.onMessage("seat", (seat: any) => void member.sit(client, seat, () => room.send("confirm")));
    return new Promise((resolve, reject) => {
      room.onMessage("queueEnded", ({ how }: { how: string }) => {
        if (how !== "confirmed") return reject(new Error(`the party left the queue: ${how}`));
        member.sat.at(-1)!.confirmed = true;
        resolve();
      });
      room.onLeave((code) => reject(new Error(`the party's room closed with ${code}`)));
    });
  }
}
