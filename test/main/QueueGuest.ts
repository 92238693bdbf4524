/** Somebody who asks the whole program for ranked matches, by sockets and by tickets, and keeps what they were told. */
import { Client, type Room, type SeatReservation } from "@colyseus/sdk";

/** A queue or a party that somebody is in. */
export interface Stay {
  readonly room: Room<any, any>;
  readonly seats: SeatReservation[];
  /** Numbers of the errors that it was answered with. */
  readonly errors: (number | undefined)[];
  /** `returned`, and how a party's wait ended. */
  readonly told: string[];
  readonly closed: Promise<number>;
}

export class QueueGuest {
  readonly client: Client;
  readonly playerId: string;
  readonly #url: string;
  readonly #address: string;
  readonly #rooms: Room<any, any>[] = [];

  private constructor(client: Client, playerId: string, url: string, address: string) {
    this.client = client;
    this.playerId = playerId;
    this.#url = url;
    this.#address = address;
  }

  /** @param address where the requests for tickets seem to come from, for a program that trusts this machine to say so. */
  static async signIn(url: string, address = "127.0.0.1"): Promise<QueueGuest> {
    const client = new Client(url);
    // Outside a browser the SDK keeps one token for all clients of the process, and hands it out a moment later.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    const { user } = await client.auth.signInAnonymously<{ id: string }>();
    return new QueueGuest(client, user.id, url, address);
  }

  /** Of the routes of tickets. */
  async ask(
    method: string,
    route: string,
    body?: object,
    from = this.#address,
  ): Promise<{ status: number; body: any }> {
    const headers = {
      ...{ authorization: `Bearer ${this.client.auth.token}`, "content-type": "application/json" },
      "x-forwarded-for": from,
    };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await fetch(`${this.#url}/api/v1/matchmaking/tickets${route}`, init);
    return { status: answer.status, body: await answer.json() };
  }

  async queue(options: object): Promise<Stay> {
    return this.#stay(await this.client.joinOrCreate<any>("queue", options));
  }

  /** Makes a party, or joins one by its code. */
  async party(code?: string): Promise<Stay> {
    const joining = code === undefined ? this.client.create<any>("party", {}) : this.client.joinById<any>(code, {});
    return this.#stay(await joining);
  }

  /** Sits down in a match. */
  async sit(seat: SeatReservation): Promise<Room<any, any>> {
    const room = this.#keep(await this.client.consumeSeatReservation<any>(seat as never));
    room.onMessage("facts", () => {});
    return room;
  }

  async leave(): Promise<void> {
    await Promise.all(this.#rooms.splice(0).map((room) => room.connection.isOpen && room.leave().catch(() => {})));
  }

  #stay(room: Room<any, any>): Stay {
    const stay: Stay = {
      ...{ room: this.#keep(room), seats: [], errors: [], told: [] },
      closed: new Promise((resolve) => room.onLeave((code) => resolve(code))),
    };
    room.onMessage("seat", (seat: SeatReservation) => void stay.seats.push(seat));
    room.onMessage("returned", () => void stay.told.push("returned"));
    room.onMessage("queueEnded", ({ how }: { how: string }) => void stay.told.push(how));
    room.onError((code) => void stay.errors.push(code));
    return stay;
  }

  #keep<R extends Room<any, any>>(room: R): R {
    room.reconnection.enabled = false;
    this.#rooms.push(room);
    return room;
  }
}
