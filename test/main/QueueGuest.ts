/** A guest who requests ranked matches from the whole program, by sockets and by tickets, and records what it receives. */
import { Client, type Room, type SeatReservation } from "@colyseus/sdk";
import { untilAccepted } from "../chaos/untilAccepted.ts";

/** A queue or party room that the guest has joined. */
export interface JoinedRoom {
  readonly room: Room<any, any>;
  readonly seats: SeatReservation[];
  /** Codes of the errors that it received. */
  readonly errors: (number | undefined)[];
  /** `returned`, and how the party left the queue. */
  readonly notices: string[];
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

  /** @param address sent as X-Forwarded-For with ticket requests, for a program that trusts loopback as a proxy. */
  static async signIn(url: string, address = "127.0.0.1"): Promise<QueueGuest> {
    const client = new Client(url);
    // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
    await new Promise(setImmediate);
    client.auth.token = undefined as never;
    const { user } = await client.auth.signInAnonymously<{ id: string }>();
    return new QueueGuest(client, user.id, url, address);
  }

  /** Sends a request to a ticket route. */
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

  async queue(options: object): Promise<JoinedRoom> {
    return this.#track(await untilAccepted(() => this.client.joinOrCreate<any>("queue", options)));
  }

  /** Creates a party, or joins one by its code. */
  async party(code?: string, options: object = {}): Promise<JoinedRoom> {
    const joining = () =>
      code === undefined ? this.client.create<any>("party", options) : this.client.joinById<any>(code, options);
    return this.#track(await untilAccepted(joining));
  }

  /** Takes a reserved seat in a match. */
  async takeSeat(seat: SeatReservation): Promise<Room<any, any>> {
    const room = this.#keep(await this.client.consumeSeatReservation<any>(seat as never));
    room.onMessage("facts", () => {});
    return room;
  }

  async leave(): Promise<void> {
    await Promise.all(this.#rooms.splice(0).map((room) => room.connection.isOpen && room.leave().catch(() => {})));
  }

  #track(room: Room<any, any>): JoinedRoom {
    const joined: JoinedRoom = {
      ...{ room: this.#keep(room), seats: [], errors: [], notices: [] },
      closed: new Promise((resolve) => room.onLeave((code) => resolve(code))),
    };
    room.onMessage("seat", (seat: SeatReservation) => void joined.seats.push(seat));
    room.onMessage("returned", () => void joined.notices.push("returned"));
    room.onMessage("queueEnded", ({ how }: { how: string }) => void joined.notices.push(how));
    room.onError((code) => void joined.errors.push(code));
    return joined;
  }

  #keep<R extends Room<any, any>>(room: R): R {
    room.reconnection.enabled = false;
    this.#rooms.push(room);
    return room;
  }
}
