/**
 * The room of one party: its members, leader and ready states, and its move to another process when this process stops.
 * `PartyQueue` handles the ranked queue. The party's code is the room's id. Everything that must survive the process is saved in
 * `Parties`.
 */
import { type AuthContext, type Client, type Deferred, Room } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";
import type { GameOptions, RequestOrigin } from "../schema/joinOptions.ts";
import { NO_PROCESS, type PartySnapshot } from "../schema/partySnapshot.ts";
import { PartyMember, PartyState } from "../schema/partyState.ts";
import type { PlayerMessage } from "../schema/playerEvents.ts";
import { queueCloseCodes } from "../schema/queueCodes.ts";
import { type PartyQueueRequest, partyMessages, partyOptions } from "../schema/queueRequests.ts";
import { NoInput } from "../schema/queueState.ts";
import type { Game } from "../src/game/Game.ts";
import type { PartyRoomMethods } from "../src/matchmaking/parties/Parties.ts";
import { dropReservations, endReconnection } from "../src/platform/adapters/colyseus/seatReservations.ts";
import { useMonotonicClock } from "../src/platform/adapters/colyseus/useMonotonicClock.ts";
import type { Identity } from "../src/players/identity/Admission.ts";
import { Connections } from "./Connections.ts";
import { closeOnBadMessage } from "./closeOnBadMessage.ts";
import {
  admitWith,
  checkRoleAndRules,
  gameOf,
  gameOptionsOf,
  identify,
  identifyAgain,
  readOptions,
  requestTarget,
} from "./joinRequest.ts";
import { canReconnect, disconnectReason } from "./leaveCodes.ts";
import { RECONNECT_MS, SEAT_CLAIM_MS } from "./limits.ts";
import { queuePlayer } from "./QueueRoom.ts";
import { PartyClaims } from "./queue/PartyClaims.ts";
import { PartyQueue } from "./queue/PartyQueue.ts";
import { createParty, largestPartySize } from "./queue/partyRules.ts";
import type { QueueServices } from "./queue/queueServices.ts";
import { claimMembership, requesterOf, withinQuota } from "./quotas.ts";
import { Refused } from "./Refused.ts";

const STATS_EVERY_MS = 1000;
const PATCH_EVERY_MS = 100;
const MESSAGES_PER_SECOND = 10;
/** How long a recreated party waits for its members. */
const RETURN_MS = 60_000;

interface MemberOptions extends RequestOrigin {
  /** Set only by the server, to recreate the party `code` after its process `from` has stopped. */
  readonly restore?: { readonly code: string; readonly from: string };
  /** Absent if a process of a build without this option admitted the member, for the first game. */
  readonly game?: string;
  readonly role?: number;
  readonly name?: string;
  readonly options?: GameOptions;
  /** The rules version of the process that admitted the member. */
  readonly rulesVersion: string;
}

/** The party room class of all games of the installation. A party plays the game for which it was created. */
export function partyRoom(games: readonly Game[], services: QueueServices) {
  const { invitations, parties, admission, quotas, log } = services;

  return class PartyRoom extends Room<{ state: PartyState; input: any }> implements PartyRoomMethods {
    static override async onAuth(token: string | undefined, raw: any, context: AuthContext): Promise<Identity> {
      const { method, target } = requestTarget(context);
      if (!["create", "joinById"].includes(method)) throw new Refused("PARTY_DOOR");
      const options = readOptions(partyOptions, raw);
      const game = gameOf(games, options.game);
      checkRoleAndRules(game, options);
      const chosen = gameOptionsOf(game, options);
      const anyLadder = { game: game.name, mode: Object.keys(game.modes)[0] };
      const identity = await identify(admission, token, anyLadder);
      const requester = requesterOf(identity, context);
      // The code of a new party is not known yet.
      if (method === "create") await withinQuota(quotas.check("parties", requester));
      else await claimMembership(quotas, requester, target, raw);
      const admitted = {
        ...options,
        ...{ requester, options: chosen, game: game.name, rulesVersion: game.rules.version },
      };
      return admitWith(raw, admitted, identity);
    }

    override inputs = this.defineInput(NoInput);
    override state = new PartyState();
    override patchRate = PATCH_EVERY_MS;
    override maxMessagesPerSecond = MESSAGES_PER_SECOND;
    override autoDispose = false;
    override onUncaughtException = (error: Error, method: string): void =>
      log.error({ err: error, roomId: this.roomId, method }, "party room handler threw");
    override messages = {
      ready: (client: Client, message: unknown) => runHandler(client, () => this.setReady(client, message)),
      kick: (client: Client, message: unknown) => runHandler(client, () => this.kickMember(client, message)),
      leader: (client: Client, message: unknown) => runHandler(client, () => this.changeLeader(client, message)),
      invite: (client: Client, message: unknown) => runHandler(client, () => this.invite(client, message)),
      queue: (client: Client, message: unknown) => runHandler(client, () => this.queue(client, message)),
      cancel: (client: Client) => runHandler(client, () => this.cancel(client)),
      confirm: (client: Client) => runHandler(client, () => this.partyQueue.confirm(this.memberOf(client))),
    };
    /** Until `onCreate` knows the game of the party, the first one. */
    private game: Game = games[0];
    private partyQueue = this.queueOf(this.game);
    private readonly claims = new PartyClaims(quotas);
    private readonly connections = new Connections(services, () => ({ room: "party", roomId: this.roomId }));
    private kicked: string[] = [];
    private saving: Promise<void> = Promise.resolve();
    private readonly disconnected = new Map<string, Deferred<Client>>();
    private isClosed = false;
    private isStopping = false;
    /** The snapshot from which another process recreates the party; null until this process stops. */
    private handover: PartySnapshot | null = null;

    override async onCreate({ restore, requester, game }: MemberOptions): Promise<void> {
      useMonotonicClock(this);
      const processId = services.processId();
      // Must come before the party is created or taken over: a refusal after that would remove the party.
      await this.claims.openRoom(requester ?? null);
      const party =
        restore === undefined
          ? await createParty(parties, processId, game)
          : await parties.adopt(restore.code, restore.from, processId);
      if (party === null)
        throw new Refused(
          "QUEUE_UNAVAILABLE",
          "The party could not be created, or no longer exists. Create a new one.",
        );
      this.game = gameOf(games, party.game);
      this.maxClients = largestPartySize(this.game);
      this.partyQueue = this.queueOf(this.game);
      this.roomId = party.code;
      // From now on `onDispose` removes the party.
      this.state.code = party.code;
      await this.claims.openParty(party.code);
      this.kicked = [...party.kicked];
      this.partyQueue.interrupted = party.wait ?? null;
      Object.assign(this.state, { code: party.code, leader: party.leader, game: this.game.name });
      void this.setPrivate(true);
      closeOnBadMessage(this, log);
      this.clock.setInterval(() => {
        void this.partyQueue.updateStats();
        void this.partyQueue.resume();
      }, STATS_EVERY_MS);
      this.clock.setTimeout(() => this.closeIfEmpty(), restore === undefined ? SEAT_CLAIM_MS : RETURN_MS);
    }

    private queueOf(game: Game): PartyQueue {
      return new PartyQueue({
        ...{ game, matchmaking: services.matchmaking(game.name), services, state: this.state },
        playerOf: (sessionId, mode) => this.playerOf(sessionId, mode),
        send: (type, message, sessionId) => this.clients.getById(sessionId)?.send(type, message),
        broadcast: (type, message) => void this.broadcast(type, message),
        onChange: () => this.save(),
        onDecided: () => void (this.isStopping && this.move()),
      });
    }

    override onJoin(client: Client, options: MemberOptions, auth: Identity): void {
      const { playerId } = auth;
      this.requireOpenTo(playerId, options);
      const before = this.sessionOf(playerId);
      // The same player on a new connection, which replaces the old one.
      if (before !== null) this.remove(before, queueCloseCodes.QUEUE_REPLACED.code, null);
      this.claims.add(playerId, options.requester);
      const member = new PartyMember();
      const name = auth.name ?? options.name ?? `Player-${playerId.slice(0, 4)}`;
      Object.assign(member, { playerId, name, connected: true });
      client.userData = options;
      this.state.members.set(client.sessionId, member);
      this.connections.opened(client, playerId);
      if (before === null) this.record(this.state.leader === "" ? "party_formed" : "party_joined", playerId);
      if (this.state.leader === "") this.state.leader = playerId;
      this.save();
      void this.partyQueue.resume();
    }

    private requireOpenTo(playerId: string, { rulesVersion, requester, ...options }: MemberOptions): void {
      const { game } = this;
      try {
        const { name } = gameOf(games, options.game);
        if (name !== game.name)
          throw new Refused("OPTIONS_INVALID", `game: this party plays ${game.name}: join it with this game`);
        checkRoleAndRules(game, { rulesVersion });
        if (this.kicked.includes(playerId)) throw new Refused("PARTY_REFUSED");
        if (this.partyQueue.isQueued) throw new Refused("PARTY_QUEUED");
      } catch (error) {
        if (this.sessionOf(playerId) === null) this.claims.drop(requester);
        throw error;
      }
    }

    override onDrop(client: Client, code: number): void {
      this.connections.closed(client, code);
      const member = this.state.members.get(client.sessionId);
      if (member === undefined || !canReconnect(code)) return;
      member.connected = false;
      const awaited = this.allowReconnection(client, RECONNECT_MS / 1000);
      this.disconnected.set(client.sessionId, awaited);
      awaited.catch(() => {}).finally(() => this.disconnected.delete(client.sessionId));
    }

    override onReconnect(client: Client): void {
      const member = this.state.members.get(client.sessionId);
      if (member === undefined) return;
      member.connected = true;
      this.connections.opened(client, member.playerId);
      this.partyQueue.resendSeat(client.sessionId, member.playerId);
    }

    override async onLeave(client: Client, code: number): Promise<void> {
      this.connections.closed(client, code);
      const member = this.state.members.get(client.sessionId);
      if (member === undefined) return;
      this.state.members.delete(client.sessionId);
      this.record("party_left", member.playerId, code);
      this.claims.remove(member.playerId);
      if (this.state.leader === member.playerId) this.state.leader = this.firstMember();
      // A member who has confirmed leaves to play the match, and must not take the others out of the queue.
      if (this.partyQueue.isQueued && !member.confirmed) await this.partyQueue.leave(member.playerId);
      this.save();
      this.closeIfEmpty();
    }

    override async onDispose(): Promise<void> {
      this.isClosed = true;
      dropReservations(this);
      this.claims.close();
      if (this.partyQueue.isQueued) await this.partyQueue.leave(null);
      await this.saving;
      const { handover, state } = this;
      // The room is no longer listed by now, so the process that recreates it can use its code.
      if (handover !== null) await parties.save(handover).catch(() => {});
      else if (state.code !== "") await parties.remove(state.code).catch(() => {});
    }

    /** Members who have a match to confirm may still confirm it. */
    override onBeforeShutdown(): void {
      this.isStopping = true;
      if (!this.partyQueue.isFound || services.drainMs === 0) void this.move();
      else this.clock.setTimeout(() => void this.move(), services.drainMs);
    }

    /**
     * Closes the room, so that another process recreates it with its code. The party's wait continues once its members are back.
     */
    private async move(): Promise<void> {
      if (this.handover !== null) return;
      this.handover = { ...this.snapshot(), processId: NO_PROCESS };
      if (this.partyQueue.isQueued) await this.partyQueue.leave(null);
      await this.disconnect(closeCodes.SERVER_SHUTDOWN.code);
    }

    /** Removes a player for good. Any process may call it, for an operator. Returns 1, or 0 if the player is not a member. */
    kick(playerId: string, reason: string): number {
      const sessionId = this.sessionOf(playerId);
      if (sessionId === null) return 0;
      this.remove(sessionId, closeCodes.KICKED.code, null, reason);
      if (this.state.leader === playerId) this.state.leader = this.firstMember();
      this.save();
      this.closeIfEmpty();
      return 1;
    }

    /** Null if no client is connected with this session. Any process may call it, for an operator. */
    playerOfSession(sessionId: string): string | null {
      return this.clients.getById(sessionId)?.auth?.playerId ?? null;
    }

    /**
     * Queues the party for a ticket of its leader. Any process may call it. Resolves to the entry's id, or to the refusal's name.
     */
    async queueFor(playerId: string, request: PartyQueueRequest) {
      try {
        return { entryId: await this.partyQueue.enter(playerId, request, playerId) };
      } catch (error) {
        const { refusal = "QUEUE_UNAVAILABLE", retryAfterSeconds } = error as Partial<Refused>;
        return { refusal, retryAfterSeconds };
      }
    }

    /** Saves the party, so that it survives this process. Saves run one after the other, so that the newest is the last. */
    save(): void {
      const party = this.snapshot();
      this.saving = this.saving
        .then(() => (this.isClosed ? undefined : parties.save(party)))
        .catch((error) => log.warn({ err: error, code: party.code }, "party could not be saved"));
    }

    private snapshot(): PartySnapshot {
      const { code, leader } = this.state;
      return {
        code,
        leader,
        game: this.game.name,
        processId: services.processId(),
        kicked: [...this.kicked],
        wait: this.partyQueue.wait,
      };
    }

    private setReady(client: Client, message: unknown): void {
      this.memberOf(client).ready = readOptions(partyMessages.ready, message ?? true);
    }

    private kickMember(client: Client, message: unknown): void {
      this.requireLeader(client);
      const { playerId } = readOptions(partyMessages.kick, message);
      const sessionId = this.sessionOf(playerId);
      if (sessionId === null || playerId === this.state.leader) return;
      this.kicked.push(playerId);
      this.remove(sessionId, queueCloseCodes.PARTY_KICKED.code, this.state.leader);
      this.save();
    }

    private changeLeader(client: Client, message: unknown): void {
      this.requireLeader(client);
      const { playerId } = readOptions(partyMessages.leader, message);
      if (this.sessionOf(playerId) === null) return;
      this.state.leader = playerId;
      this.save();
    }

    private async invite(client: Client, message: unknown): Promise<void> {
      const { playerId } = readOptions(partyMessages.invite, message);
      const from = this.memberOf(client).playerId;
      const isSent = await invitations.send(playerId, { from, partyId: this.state.code });
      if (!isSent) throw new Refused("INVITATIONS_LIMITED");
    }

    private async queue(client: Client, message: unknown): Promise<void> {
      const request = readOptions(partyMessages.queue, message);
      await this.partyQueue.enter(this.memberOf(client).playerId, request, null);
    }

    private async cancel(client: Client): Promise<void> {
      this.requireLeader(client);
      await this.partyQueue.cancel();
    }

    private async playerOf(sessionId: string, mode: string) {
      const client = this.clients.getById(sessionId);
      if (client === undefined) throw new Refused("NOT_READY");
      const identity = await identifyAgain(admission, client.auth as Identity, { game: this.game.name, mode });
      return queuePlayer(identity, client.userData, services.initialRating);
    }

    private memberOf(client: Client): PartyMember {
      const member = this.state.members.get(client.sessionId);
      if (member === undefined) throw new Refused("NOT_QUEUED", "You are no longer a member of this party.");
      return member;
    }

    private requireLeader(client: Client): void {
      if (this.memberOf(client).playerId !== this.state.leader) throw new Refused("NOT_LEADER");
    }

    private sessionOf(playerId: string): string | null {
      for (const [sessionId, member] of this.state.members) if (member.playerId === playerId) return sessionId;
      return null;
    }

    private firstMember(): string {
      return [...this.state.members.values()][0]?.playerId ?? "";
    }

    /** `responsible`: the member who removes this one; null if it is an operator. */
    private remove(sessionId: string, code: number, responsible: string | null, reason?: string): void {
      const client = this.clients.getById(sessionId);
      const member = this.state.members.get(sessionId);
      this.state.members.delete(sessionId);
      if (member !== undefined) this.claims.remove(member.playerId);
      const isReplaced = code === queueCloseCodes.QUEUE_REPLACED.code;
      if (member !== undefined && !isReplaced) this.record("party_left", member.playerId, code);
      // Otherwise a room that closes at once would close the connection with another code.
      if (client !== undefined) this.connections.closed(client, code);
      client?.leave(code, reason);
      const awaited = this.disconnected.get(sessionId);
      if (awaited !== undefined) endReconnection(this, sessionId, awaited);
      if (this.partyQueue.isQueued) void this.partyQueue.leave(member?.playerId ?? null, responsible);
    }

    /** `code`: for `party_left`, the code with which the member's connection was closed. */
    private record(kind: PlayerMessage["kind"], player: string, code?: number): void {
      const reason = code === undefined ? {} : { reason: disconnectReason(code, "party") };
      services.recordPlayer({ v: 1, at: services.now(), kind, player, party: this.state.code, ...reason });
    }

    private closeIfEmpty(): void {
      if (this.state.members.size === 0 && !this.isClosed) void this.disconnect();
    }
  };
}

/** Runs the handler of a message. If it throws, sends the error to the client. */
async function runHandler(client: Client, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = error as { code?: number; message: string };
    client.error(code ?? 0, message);
  }
}
