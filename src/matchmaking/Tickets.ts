/**
 * Matchmaking without a socket. A ticket is a pool entry that exists as long as its player keeps requesting it. Taking the seat
 * confirms the match. Callers must have authenticated the player.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { PartyQueueRequest, QueuePlayer, TicketAnswer, TicketRequest } from "../../schema/queueRequests.ts";
import type { Game } from "../game/Game.ts";
import { readJoinOptions } from "../game/readJoinOptions.ts";
import { admitToPool, type Conduct, QueueCooldown } from "./conduct/Conduct.ts";
import type { MatchHost } from "./MatchHost.ts";
import type { PartyRoomMethods } from "./parties/Parties.ts";
import { type PublishQueueEvent, type QueueChange, queueMessages } from "./queueMessages.ts";
import {
  type Ended,
  type EntryStatus,
  type NewEntry,
  type Pool,
  TICKET_MS,
  TICKET_SEAT_MS,
  ticketHolder,
} from "./waitingPool/Pool.ts";

export const WAIT_SECONDS_MAX = 30;
const READ_EVERY_MS = 250;

/** Reasons for which a ticket request is refused. */
const ticketProblemCodes = [
  "TICKET_UNKNOWN",
  "ALREADY_QUEUED",
  "PARTY_UNKNOWN",
  "NOT_LEADER",
  "NOT_READY",
  "PARTY_TOO_BIG",
  "PARTY_ROLES",
  "PARTY_QUEUED",
  "MODE_UNKNOWN",
  "OPTIONS_INVALID",
  "QUEUE_COOLDOWN",
  "QUEUE_UNAVAILABLE",
] as const;
export type TicketProblemCode = (typeof ticketProblemCodes)[number];

export class TicketProblem extends Error {
  override readonly name = "TicketProblem";
  readonly code: TicketProblemCode;
  /** With `ALREADY_QUEUED`: the ticket that the player already has; null if the player queues on a socket or in a party. */
  readonly ticketId: string | null;

  /** With `QUEUE_COOLDOWN`: when the player may queue again; otherwise null. */
  readonly retryAfterSeconds: number | null;

  /** The message is a text for the client if it differs from `code`. */
  constructor(
    code: TicketProblemCode,
    ticketId: string | null = null,
    retryAfterSeconds: number | null = null,
    message: string = code,
  ) {
    super(message);
    this.code = code;
    this.ticketId = ticketId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export type TicketPlayer = Omit<QueuePlayer, "role" | "options" | "via">;

export interface TicketDeps {
  readonly game: Game;
  readonly pool: Pool;
  readonly conduct: Conduct;
  readonly matchHost: MatchHost;
  readonly publish: PublishQueueEvent;
  /** The regions that a request may name. A request without a region gets the first. */
  readonly regions: readonly string[];
  /** Asks the room of a party, on any process, to queue for its leader. Resolves to null if there is no such party. */
  queueParty(
    code: string,
    playerId: string,
    request: PartyQueueRequest,
  ): Promise<Awaited<ReturnType<PartyRoomMethods["queueFor"]>> | null>;
  /** Unix ms, for events and answers. */
  readonly now?: () => number;
}

export class Tickets {
  readonly #deps: TicketDeps;
  readonly #now: () => number;

  constructor(deps: TicketDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  /** Rejects with `TicketProblem`. */
  async create(player: TicketPlayer, { partyId, role, options, ...request }: TicketRequest): Promise<TicketAnswer> {
    const { game, pool, regions } = this.#deps;
    const { mode, strategy, region = regions[0] } = request;
    const roleKnown = role === undefined || role < game.roles.length;
    if (!Object.hasOwn(game.modes, request.mode) || !roleKnown) throw new TicketProblem("MODE_UNKNOWN");
    if (!regions.includes(region)) {
      const detail = `region: unknown region "${region}": expected one of ${regions.join(", ")}`;
      throw new TicketProblem("OPTIONS_INVALID", null, null, detail);
    }
    const chosen = readJoinOptions(game, options);
    if ("problem" in chosen) throw new TicketProblem("OPTIONS_INVALID", null, null, chosen.problem);
    if (partyId !== undefined) return this.#createForParty(player.playerId, partyId, request);
    const id = randomUUID();
    const waiting: QueuePlayer = { ...player, role: role ?? null, options: chosen.values, via: "ticket" };
    const key = { mode, strategy, region, rulesVersion: game.rules.version };
    const entry = { ...key, id, players: [waiting], party: null, holder: ticketHolder(id) };
    const entered = await pool.enter(await this.#admit(entry));
    if (entered.entry === null)
      throw new TicketProblem("ALREADY_QUEUED", await this.#ownTicket(entered.conflict.entryId, player.playerId));
    this.#publish({ kind: "entered", entry: entered.entry, at: this.#now() });
    return { ticketId: id, status: "queued" };
  }

  /**
   * Returns the ticket's status. Each call also keeps the ticket alive. While it is `queued`, waits up to `waitSeconds` for a
   * change (at most `WAIT_SECONDS_MAX`), or until `signal` is aborted. Rejects with `TicketProblem`.
   */
  async read(playerId: string, ticketId: string, waitSeconds = 0, signal?: AbortSignal): Promise<TicketAnswer> {
    const until = performance.now() + Math.min(Math.max(0, waitSeconds), WAIT_SECONDS_MAX) * 1000;
    for (let first = true; ; first = false) {
      const status = await this.#statusOf(playerId, ticketId);
      if (first) await this.#deps.pool.heartbeat(ticketHolder(ticketId), 0, TICKET_MS);
      const answer = await this.#answerFor(ticketId, status, playerId);
      const remainingMs = until - performance.now();
      if (answer.status !== "queued" || remainingMs <= 0 || signal?.aborted) return answer;
      await sleep(Math.min(READ_EVERY_MS, remainingMs), undefined, { signal }).catch(() => {});
    }
  }

  /** Removes the ticket from the queue. A match that was found for it is not played. Rejects with `TicketProblem`. */
  async cancel(playerId: string, ticketId: string): Promise<TicketAnswer> {
    const { pool, matchHost } = this.#deps;
    const status = await this.#statusOf(playerId, ticketId);
    if (status.state === "ended") return this.#answerFor(ticketId, status, playerId);
    const result = await pool.leave(ticketId);
    if (result.how === "cancelled") this.#publish({ kind: "left", entry: result.entry, at: this.#now() });
    if (result.how === "kept") return this.#answerFor(ticketId, status, playerId);
    if (result.how === "declined") {
      const { match } = result.dissolved;
      await this.#deps.conduct.addOffence(playerId);
      this.#publish({ kind: "declined", entry: result.entry, at: this.#now(), matchId: match?.matchId });
      if (match !== null) await matchHost.close(match);
    }
    return { ticketId, status: "cancelled" };
  }

  /** Rejects with `TicketProblem` during a cooldown. */
  #admit(entry: NewEntry): Promise<NewEntry> {
    return admitToPool(this.#deps.conduct, entry).catch((error) => {
      throw error instanceof QueueCooldown ? new TicketProblem("QUEUE_COOLDOWN", null, error.seconds) : error;
    });
  }

  /** Cancels the player's ticket when an operator kicks the player. Resolves to the number of cancelled tickets, 0 or 1. */
  async remove(playerId: string): Promise<number> {
    const ticketId = await this.#deps.pool.entryOf(playerId);
    if (ticketId === null || (await this.#ownTicket(ticketId, playerId)) === null) return 0;
    const { status } = await this.cancel(playerId, ticketId);
    return status === "cancelled" ? 1 : 0;
  }

  /** Called when a player has taken a seat of a queue match. For a player with a ticket, this confirms the match. */
  async seatTaken(roomId: string, playerId: string): Promise<void> {
    const { pool } = this.#deps;
    const entryId = await pool.entryOf(playerId);
    const status = entryId === null ? null : await pool.status(entryId);
    if (status === null || status.state === "ended" || status.match?.roomId !== roomId) return;
    if (status.entry.players.find((one) => one.playerId === playerId)?.via !== "ticket") return;
    const confirmed = await pool.confirm(status.foundId!, playerId);
    if (confirmed.how !== "confirmed") return;
    const { entry, matchId } = confirmed;
    this.#publish({ kind: "confirmed", entry, playerId, matchId, at: this.#now() });
  }

  async #createForParty(playerId: string, code: string, request: PartyQueueRequest): Promise<TicketAnswer> {
    const result = await this.#deps.queueParty(code, playerId, request);
    if (result === null) throw new TicketProblem("PARTY_UNKNOWN");
    if ("entryId" in result) return { ticketId: result.entryId, status: "queued" };
    const problem = ticketProblemCodes.find((code) => code === result.refusal);
    throw new TicketProblem(problem ?? "QUEUE_UNAVAILABLE", null, result.retryAfterSeconds ?? null);
  }

  /**
   * Resolves to the ticket's status, which is kept for `ENDED_MS` after its end. Rejects with `TICKET_UNKNOWN` if the ticket is
   * not this player's.
   */
  async #statusOf(playerId: string, ticketId: string): Promise<EntryStatus | Ended> {
    const status = await this.#deps.pool.status(ticketId);
    if (status === null) throw new TicketProblem("TICKET_UNKNOWN");
    const isOwn =
      status.state === "ended"
        ? status.readers.includes(playerId)
        : status.entry.players.some((one) => one.playerId === playerId && one.via === "ticket");
    if (!isOwn) throw new TicketProblem("TICKET_UNKNOWN");
    return status;
  }

  /** Whether this is a ticket of the player for this game, also if it has ended. */
  async holds(playerId: string, ticketId: string): Promise<boolean> {
    return (await this.#ownTicket(ticketId, playerId)) !== null;
  }

  /** Returns the entry's id if it is a ticket of this player, otherwise null. */
  async #ownTicket(entryId: string, playerId: string): Promise<string | null> {
    return this.#statusOf(playerId, entryId).then(
      () => entryId,
      () => null,
    );
  }

  async #answerFor(ticketId: string, status: EntryStatus | Ended, playerId: string): Promise<TicketAnswer> {
    if (status.state === "ended") return { ticketId, status: ENDS[status.how] };
    if (status.match === null || status.seatedAt === null) return { ticketId, status: "queued" };
    const remainingMs = status.seatedAt + TICKET_SEAT_MS - (await this.#deps.pool.now());
    const seatExpiresAt = new Date(this.#now() + remainingMs).toISOString();
    return { ticketId, status: "matched", seat: status.match.seats[playerId], seatExpiresAt };
  }

  #publish(change: QueueChange): void {
    for (const message of queueMessages(this.#deps.game.name, change)) this.#deps.publish(message);
  }
}

const ENDS = { confirmed: "matched", expired: "expired", cancelled: "cancelled", declined: "cancelled" } as const;
