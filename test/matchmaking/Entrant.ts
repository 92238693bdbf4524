/**
 * A player who queues for one match and plays it, with the unmodified SDK. The player enters, takes the seat, confirms, and
 * enters again on another process if the connection to the queue is lost. Every match whose seat the player took is recorded.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Client, type Room, type SeatReservation } from "@colyseus/sdk";
import { queueCloseCodes } from "../../schema/queueCodes.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";

export interface Person {
  readonly playerId: string;
  readonly token: string;
  readonly rating: number;
}

export interface EntrantOptions {
  readonly person: Person;
  readonly mode: string;
  /** Returns the URL of the server on which to enter next. */
  url(): string;
  /** Delay between taking the seat and confirming. */
  readonly confirmAfterMs?: number;
  /** How long the player waits for an answer before trying again. */
  readonly answerMs?: number;
}

/** A match whose seat the player took. */
export interface TakenSeat {
  readonly matchId: string;
  readonly roomId: string;
  readonly processId: string;
  /** Whether the queue reported that all players have confirmed. */
  confirmed: boolean;
  /** Close code of the connection to the match; null while it is open. */
  closed: number | null;
  ended: boolean;
}

const ANSWER_MS = 10_000;
const AGAIN_MS = 300;

/** A client that repeats a join while the server is too slow to accept it. */
export async function patientClientOf(url: string, person: Person): Promise<Client> {
  const client = await clientOf(url, person);
  for (const method of ["joinOrCreate", "create", "join", "joinById"] as const) {
    const join = client[method].bind(client) as (...args: any[]) => Promise<any>;
    client[method] = (...args: any[]) => untilAccepted(() => join(...args));
  }
  return client;
}

export async function clientOf(url: string, { token }: Person): Promise<Client> {
  const client = new Client(url);
  // Outside a browser, the SDK stores one token for all clients of the process, and reads it asynchronously.
  await new Promise(setImmediate);
  client.auth.token = token;
  return client;
}

/** Turns off automatic reconnection, and ignores errors so that the SDK does not log them. */
export function plain<R extends Room<any, any>>(room: R): R {
  room.reconnection.enabled = false;
  room.onError(() => {});
  return room;
}

export class Entrant {
  readonly person: Person;
  readonly mode: string;
  readonly sat: TakenSeat[] = [];
  /** How often the player entered the queue. */
  entered = 0;
  readonly problems: string[] = [];
  readonly #options: EntrantOptions;
  #queue: Room<any, any> | null = null;
  #matches = new Set<Room<any, any>>();
  #stopping = false;

  constructor(options: EntrantOptions) {
    this.person = options.person;
    this.mode = options.mode;
    this.#options = options;
  }

  /** Whether the player has a match that all have confirmed. */
  get placed(): boolean {
    return this.sat.some(({ confirmed }) => confirmed);
  }

  get queued(): boolean {
    return this.#queue !== null;
  }

  /** Resolves when the player has a match that all have confirmed, or after `stop`. */
  async enter(): Promise<void> {
    while (!this.placed && !this.#stopping) {
      const code = await this.#enterOnce().catch((error) => void this.problems.push(String(error?.message ?? error)));
      if (code !== queueCloseCodes.QUEUE_DONE.code) await delay(AGAIN_MS);
    }
  }

  /** Resolves when all connections of the player are closed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const rooms = [...this.#matches, ...(this.#queue === null ? [] : [this.#queue])];
    await Promise.all(rooms.map((room) => within(room.leave(), 3000).catch(() => room.connection.close())));
  }

  async #enterOnce(): Promise<number> {
    const { url, mode, person, answerMs = ANSWER_MS } = this.#options;
    const client = await clientOf(url(), person);
    const joining = client.joinOrCreate<any>("queue", { mode, strategy: "elo" });
    const queue = await joinWithin<Room<any, any>>(joining, answerMs);
    this.entered++;
    this.#queue = queue;
    queue.onMessage("seat", (seat: SeatReservation) => void this.takeSeat(client, seat, () => queue.send("confirm")));
    queue.onMessage("returned", () => {});
    const code = await new Promise<number>((resolve) => queue.onLeave((left) => resolve(left)));
    this.#queue = null;
    if (code !== queueCloseCodes.QUEUE_DONE.code) this.problems.push(`the queue closed with ${code}`);
    else if (this.sat.length > 0) this.sat.at(-1)!.confirmed = true;
    return code;
  }

  /** Takes a seat and confirms the match. If that fails, the player stays in the queue. */
  async takeSeat(client: Client, seat: SeatReservation, confirm: () => void): Promise<void> {
    const { answerMs = ANSWER_MS } = this.#options;
    try {
      const room = await joinWithin<Room<any, any>>(client.consumeSeatReservation<any>(seat), answerMs);
      this.#matches.add(room);
      room.onMessage("facts" as never, () => {});
      const sat = await this.#watch(room, seat);
      if (sat === null) return;
      await delay(this.#options.confirmAfterMs ?? 0);
      if (sat.closed === null) confirm();
    } catch (error) {
      this.problems.push(`no seat: ${(error as Error).message}`);
    }
  }

  /** Resolves with the first state, or with null if the match closed before. */
  #watch(room: Room<any, any>, { roomId, processId }: SeatReservation): Promise<TakenSeat | null> {
    return new Promise((resolve) => {
      let sat = null as TakenSeat | null;
      room.onStateChange((state) => {
        if (sat === null) {
          const { matchId } = state;
          sat = { matchId, roomId, processId: processId!, confirmed: false, closed: null, ended: false };
          this.sat.push(sat);
          resolve(sat);
        }
        if (state.phase === "ended" && !sat.ended) {
          sat.ended = true;
          room.leave().catch(() => {});
        }
      });
      room.onLeave((code) => {
        this.#matches.delete(room);
        if (sat !== null) sat.closed = code;
        resolve(null);
      });
    });
  }
}

/** Resolves with the room, or rejects after `ms`. If the join succeeds later than that, leaves the room again. */
export async function joinWithin<R extends Room<any, any>>(joining: Promise<R>, ms: number): Promise<R> {
  try {
    return plain(await within(joining, ms));
  } catch (error) {
    joining.then(
      (late) => late.leave(),
      () => {},
    );
    throw error;
  }
}

/** Rejects after `ms`. A server that dies during a request may leave it open forever. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}
