/**
 * A party in the ranked queue: enters all members, sends them the match that was found, and continues a wait that another process
 * had to end. It writes the fields of the synced state that belong to the queue. The room sends its messages.
 */
import type { PartyWait } from "../../schema/partySnapshot.ts";
import type { PartyMember, PartyState } from "../../schema/partyState.ts";
import type { PartyQueueRequest, QueuePlayer, SeatReservation } from "../../schema/queueRequests.ts";
import type { Game } from "../../src/game/Game.ts";
import type { QueueKey, QueueListener, RankedQueue } from "../../src/matchmaking/RankedQueue.ts";
import { checkMode, queueRefusal, regionOf } from "../joinRequest.ts";
import { Refused } from "../Refused.ts";
import { fitsRoles, largestTeamSize } from "./partyRules.ts";
import type { QueueServices } from "./queueServices.ts";

export interface PartyQueueDeps {
  readonly game: Game;
  /** The queue of the game. */
  readonly matchmaking: RankedQueue;
  readonly services: QueueServices;
  readonly state: PartyState;
  /** Returns a member as a player of the queue, with the rating in the mode. Rejects with `Refused`. */
  playerOf(sessionId: string, mode: string): Promise<QueuePlayer>;
  send(type: "seat", message: object, sessionId: string): void;
  broadcast(type: "returned" | "queueEnded", message: object): void;
  /** Called after each change that must survive the process. */
  onChange(): void;
  /** Called when all players have confirmed a found match, or when it was cancelled. */
  onDecided(): void;
}

export class PartyQueue {
  /** A wait that another process had to end and that has not continued yet; otherwise null. */
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

  /**
   * The wait that another process would continue. Null without a wait, and for a ticket, because the ticket ends with its entry.
   */
  get wait(): PartyWait | null {
    const { key, entryId, ticket, interrupted } = this;
    if (key === null || entryId === "" || ticket !== null) return interrupted;
    const { mode, strategy, region } = key;
    return { mode, strategy, region, since: this.deps.state.waitingSince, players: this.playerIds() };
  }

  /**
   * Puts all members into the queue. Resolves to the entry's id; rejects with `Refused`.
   * @param ticket id of the player who queued with a ticket and therefore confirms by joining the match; null without a ticket.
   */
  async enter(playerId: string, request: PartyQueueRequest, ticket: string | null, since?: number): Promise<string> {
    const { game, matchmaking, services, state, onChange } = this.deps;
    if (playerId !== state.leader) throw new Refused("NOT_LEADER");
    if (request.game !== undefined && request.game !== game.name)
      throw new Refused(
        "OPTIONS_INVALID",
        `game: this party plays ${game.name}: create another party for ${request.game}`,
      );
    checkMode(game, request.mode);
    const region = regionOf(services.regions, request.region);
    const members = [...state.members];
    if (members.length > largestTeamSize(game, request.mode)) throw new Refused("PARTY_TOO_BIG");
    if (members.some(([, { ready, connected }]) => !ready || !connected)) throw new Refused("NOT_READY");
    if (this.entryId !== "" || state.phase !== "idle") throw new Refused("PARTY_QUEUED");
    state.phase = "queued";
    try {
      const players = await this.playersOf(members, request.mode, ticket);
      const { mode, strategy } = request;
      const key = { mode, strategy, region, rulesVersion: game.rules.version };
      const entry = { ...key, players, party: state.code, ...(since !== undefined && { enteredAt: since }) };
      const queued = await matchmaking.enter(entry, this.listener()).catch((error) => {
        throw error.name === "QueueCooldown" ? queueRefusal(error) : error;
      });
      if (queued === null) throw new Refused("ALREADY_QUEUED");
      Object.assign(this, { key, ticket, entryId: queued.entryId, interrupted: null });
      Object.assign(state, { mode, strategy, waitingSince: queued.enteredAt });
      onChange();
      // A member may have left for good meanwhile.
      const gone = members.find(([sessionId]) => !state.members.has(sessionId));
      if (gone !== undefined) await this.leave(gone[1].playerId);
      return queued.entryId;
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  /** Continues an interrupted wait once all of its players, and no others, are connected. Call it regularly. */
  async resume(): Promise<void> {
    const { interrupted, deps } = this;
    if (interrupted === null || deps.state.phase !== "idle") return;
    const connected = this.playerIds();
    if (connected.some((id) => !interrupted.players.includes(id))) {
      this.forgetWait();
      return;
    }
    const members = [...deps.state.members.values()];
    if (connected.length < interrupted.players.length || members.some(({ connected }) => !connected)) return;
    for (const member of members) member.ready = true;
    try {
      await this.enter(deps.state.leader, interrupted, null, interrupted.since);
    } catch (error) {
      // A dead process's entry is removed within seconds, so a later call may succeed.
      if ((error as { refusal?: string }).refusal !== "ALREADY_QUEUED") this.forgetWait();
    }
  }

  async confirm(member: PartyMember): Promise<void> {
    const { matchmaking } = this.deps;
    const how = this.entryId === "" ? "unknown" : await matchmaking.confirm(this.entryId, member.playerId);
    if (how !== "confirmed" && how !== "again") throw new Refused("CONFIRM_LATE");
    member.confirmed = true;
  }

  /** Sends the found seat again to a member who has reconnected and may have missed it. */
  resendSeat(sessionId: string, playerId: string): void {
    const { found } = this;
    if (found !== null && performance.now() < found.confirmBy) this.deps.send("seat", found.seats[playerId], sessionId);
  }

  /** Leaves the queue, and gives up an interrupted wait. Rejects with `Refused` if there is neither. */
  async cancel(): Promise<void> {
    if (this.entryId === "" && this.interrupted === null) throw new Refused("NOT_QUEUED");
    this.interrupted = null;
    await this.leave(this.deps.state.leader);
  }

  /**
   * Leaves the queue. `left`: the member because of whom; the other members are notified. Null if the party moves to another process.
   * `responsible`: the member who gets a cooldown if a match was found; null if an operator removed the member.
   */
  async leave(left: string | null, responsible: string | null = left): Promise<void> {
    const { entryId, deps } = this;
    this.reset();
    deps.onChange();
    if (entryId === "") return;
    if (left !== null) deps.broadcast("queueEnded", { how: "cancelled", missing: [left] });
    await deps.matchmaking
      .leave(entryId, responsible ?? undefined)
      .catch((error) =>
        deps.services.log.warn(
          { err: error },
          "party could not leave the queue; its entry stays in the queue until a match is found for it and not confirmed",
        ),
      );
  }

  async updateStats(): Promise<void> {
    if (this.key === null) return;
    try {
      const { waiting, waitMs } = await this.deps.matchmaking.figures(this.key);
      Object.assign(this.deps.state, { waiting, estimatedWaitMs: waitMs ?? 0 });
    } catch {
      // The state keeps the previous numbers until the pool is available again. The pool itself logs the error.
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
      gone: (how, missing) => {
        this.reset();
        onChange();
        broadcast("queueEnded", { how, missing });
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
