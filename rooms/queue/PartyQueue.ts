/**
 * Owns a party's place in the ranked queue: entering for all members, what was found, and a wait that goes on where another
 * process had to end it. It writes the queue's part of the synced state, and knows no sockets: its room hands on what it tells.
 */

import type { PartyWait } from "../../schema/partySnapshot.ts";
import type { PartyMember, PartyState } from "../../schema/partyState.ts";
import type { PartyQueueRequest, QueuePlayer, SeatReservation } from "../../schema/queueRequests.ts";
import type { Game } from "../../src/game/Game.ts";
import type { QueueKey, QueueListener } from "../../src/matchmaking/RankedQueue.ts";
import { checkMode } from "../joinRequest.ts";
import { Refused } from "../Refused.ts";
import { fitsRoles, largestTeamSize } from "./partyRules.ts";
import type { QueueServices } from "./queueServices.ts";

export interface PartyQueueDeps {
  readonly game: Game;
  readonly services: QueueServices;
  readonly state: PartyState;
  /** How the queue is to know a member, with the rating of the mode. Throws a refusal. */
  playerOf(sessionId: string, mode: string): Promise<QueuePlayer>;
  /** A message to a member, or to all. */
  send(type: "seat", message: object, sessionId: string): void;
  broadcast(type: "returned" | "queueEnded", message: object): void;
  /** What outlives the process has changed. */
  onChange(): void;
  /** A match that was found is on, or is not to be. */
  onDecided(): void;
}

export class PartyQueue {
  /** A wait that another process had to end, until its players are together again. */
  interrupted: PartyWait | null = null;
  private readonly deps: PartyQueueDeps;
  private entryId = "";
  private key: QueueKey | null = null;
  private ticket: string | null = null;
  private found: { readonly seats: Readonly<Record<string, SeatReservation>>; readonly confirmBy: number } | null =
    null;

  constructor(deps: PartyQueueDeps) {
    this.deps = deps;
  }

  get isQueued(): boolean {
    return this.entryId !== "";
  }

  get isFound(): boolean {
    return this.found !== null;
  }

  /** What is to go on elsewhere; a ticket ends with its place. */
  get wait(): PartyWait | null {
    const { key, entryId, ticket, interrupted } = this;
    if (key === null || entryId === "" || ticket !== null) return interrupted;
    const { mode, strategy, region } = key;
    return { mode, strategy, region, since: this.deps.state.waitingSince, players: this.playerIds() };
  }

  /** @param ticket the player who confirms by sitting down, null for nobody. */
  async enter(playerId: string, request: PartyQueueRequest, ticket: string | null, since?: number): Promise<string> {
    const { game, services, state, onChange } = this.deps;
    if (playerId !== state.leader) throw new Refused("NOT_LEADER");
    checkMode(game, request.mode);
    const members = [...state.members];
    if (members.length > largestTeamSize(game, request.mode)) throw new Refused("PARTY_TOO_BIG");
    if (members.some(([, { ready, connected }]) => !ready || !connected)) throw new Refused("NOT_READY");
    if (this.entryId !== "" || state.phase !== "idle") throw new Refused("PARTY_QUEUED");
    state.phase = "queued";
    try {
      const players = await this.playersOf(members, request.mode, ticket);
      const { mode, strategy, region = services.region } = request;
      const key = { mode, strategy, region, rulesVersion: game.rules.version };
      const entry = { ...key, players, party: state.code, ...(since !== undefined && { enteredAt: since }) };
      const queued = await services.matchmaking.enter(entry, this.listener());
      if (queued === null) throw new Refused("ALREADY_QUEUED");
      Object.assign(this, { key, ticket, entryId: queued.entryId, interrupted: null });
      Object.assign(state, { mode, strategy, waitingSince: queued.enteredAt });
      onChange();
      // Somebody left for good while the pool was asked.
      if (members.some(([sessionId]) => !state.members.has(sessionId))) await this.leave();
      return queued.entryId;
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  /** Goes on with a wait that was interrupted, once all its players are here and nobody else is. To be called now and then. */
  async resume(): Promise<void> {
    const { interrupted, deps } = this;
    if (interrupted === null || deps.state.phase !== "idle") return;
    const here = this.playerIds();
    if (here.some((id) => !interrupted.players.includes(id))) {
      this.forgetWait();
      return;
    }
    const members = [...deps.state.members.values()];
    if (here.length < interrupted.players.length || members.some(({ connected }) => !connected)) return;
    for (const member of members) member.ready = true;
    try {
      await this.enter(deps.state.leader, interrupted, null, interrupted.since);
    } catch (error) {
      // The entry of a process that has died goes within seconds.
      if ((error as { refusal?: string }).refusal !== "ALREADY_QUEUED") this.forgetWait();
    }
  }

  async confirm(member: PartyMember): Promise<void> {
    const { matchmaking } = this.deps.services;
    const how = this.entryId === "" ? "unknown" : await matchmaking.confirm(this.entryId, member.playerId);
    if (how !== "confirmed" && how !== "again") throw new Refused("CONFIRM_LATE");
    member.confirmed = true;
  }

  /** Tells a member who has come back of the seat that it may have missed. */
  resendSeat(sessionId: string, playerId: string): void {
    const { found } = this;
    if (found !== null && Date.now() < found.confirmBy) this.deps.send("seat", found.seats[playerId], sessionId);
  }

  /** The leader's word, or that of somebody who goes. */
  async cancel(): Promise<void> {
    if (this.entryId === "" && this.interrupted === null) throw new Refused("NOT_QUEUED");
    this.interrupted = null;
    await this.leave();
  }

  async leave(): Promise<void> {
    const { entryId, deps } = this;
    this.reset();
    deps.onChange();
    if (entryId === "") return;
    await deps.services.matchmaking
      .leave(entryId)
      .catch((error) =>
        deps.services.log.warn({ err: error }, "a party that left stays in the queue until it notices"),
      );
  }

  async updateFigures(): Promise<void> {
    if (this.key === null) return;
    try {
      const { waiting, waitMs } = await this.deps.services.matchmaking.figures(this.key);
      Object.assign(this.deps.state, { waiting, estimatedWaitMs: waitMs ?? 0 });
    } catch {
      // The numbers stay as they are until the pool answers again; its own loop says what is wrong.
    }
  }

  private async playersOf(
    members: readonly [string, PartyMember][],
    mode: string,
    ticket: string | null,
  ): Promise<QueuePlayer[]> {
    const { game, playerOf } = this.deps;
    const players = await Promise.all(members.map(([sessionId]) => playerOf(sessionId, mode)));
    if (!fitsRoles(game, mode, players)) throw new Refused("PARTY_ROLES");
    return players.map((player) => (player.playerId === ticket ? { ...player, via: "ticket" as const } : player));
  }

  private listener(): QueueListener {
    const { state, send, broadcast, onChange, onDecided } = this.deps;
    return {
      found: (seats, confirmBy) => {
        this.found = { seats, confirmBy };
        state.phase = "found";
        for (const [sessionId, { playerId }] of state.members) send("seat", seats[playerId], sessionId);
      },
      returned: () => {
        this.found = null;
        state.phase = "queued";
        for (const member of state.members.values()) member.confirmed = false;
        broadcast("returned", {});
        onDecided();
      },
      gone: (how) => {
        this.reset();
        onChange();
        broadcast("queueEnded", { how });
        onDecided();
      },
    };
  }

  private playerIds(): string[] {
    return [...this.deps.state.members.values()].map(({ playerId }) => playerId);
  }

  private forgetWait(): void {
    this.interrupted = null;
    this.deps.onChange();
  }

  private reset(): void {
    const { state } = this.deps;
    Object.assign(this, { entryId: "", key: null, found: null, ticket: null });
    Object.assign(state, { phase: "idle", mode: "", strategy: "", waitingSince: 0, waiting: 0 });
    for (const member of state.members.values()) Object.assign(member, { ready: false, confirmed: false });
  }
}
