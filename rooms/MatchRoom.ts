/**
 * The room of one match: admits and seats clients, buffers their frames, steps the match when the process's scheduler calls it,
 * and sends the result. It does not depend on the rules of a game or on a store, and a step awaits nothing.
 */
import { randomBytes } from "node:crypto";
import { type AuthContext, type Client, definePlugins, generateId, Room } from "@colyseus/core";
import { v7 as uuidv7 } from "uuid";
import { closeCodes, type RefusalName } from "../schema/codes.ts";
import type { AdmittedOptions, MatchSource, QueuedEntry, Requester } from "../schema/joinOptions.ts";
import type { Game } from "../src/game/Game.ts";
import { GameFault } from "../src/game/GameFault.ts";
import type { MatchIdentity } from "../src/game/TickEvents.ts";
import type { MatchRoomMethods } from "../src/matchmaking/seats/PlayerSeats.ts";
import {
  countReplacement,
  keepFullRoomLocked,
  lockIfFull,
  removeClient,
  reserveReplacement,
} from "../src/platform/adapters/colyseus/replaceClient.ts";
import { countReservedSeats, dropReservations } from "../src/platform/adapters/colyseus/seatReservations.ts";
import { useMonotonicClock } from "../src/platform/adapters/colyseus/useMonotonicClock.ts";
import type { Steppable } from "../src/platform/tick/Steppable.ts";
import type { Identity } from "../src/players/identity/Admission.ts";
import type { TeamMember } from "../src/players/rating/TeamMember.ts";
import { admit } from "./admission.ts";
import { Connections } from "./Connections.ts";
import { closeOnBadMessage } from "./closeOnBadMessage.ts";
import { canReconnect, closeCodeOf, dodgersOf, leaveReason } from "./leaveCodes.ts";
import * as limits from "./limits.ts";
import { MatchAborted } from "./MatchAborted.ts";
import { MessageAllowance } from "./MessageAllowance.ts";
import { ClientTimeouts } from "./match/ClientTimeouts.ts";
import { createLink } from "./match/createLink.ts";
import { disableRoomTimers, stampInputs } from "./match/disableRoomTimers.ts";
import { FactsMessage } from "./match/FactsMessage.ts";
import { bufferSize } from "./match/FrameFeed.ts";
import { Match, type MatchStart } from "./match/Match.ts";
import { PlayerMessages } from "./match/PlayerMessages.ts";
import { receiveCommands } from "./match/receiveCommands.ts";
import { receivePlayerMessages } from "./match/receivePlayerMessages.ts";
import { SeatClaims } from "./match/SeatClaims.ts";
import { Spectators } from "./match/Spectators.ts";
import { TickPackets } from "./match/TickPackets.ts";
import { type PlayerAtSeat, toSeatedPlayer } from "./match/toSeatedPlayer.ts";
import { withinQuota } from "./quotas.ts";
import { Refused } from "./Refused.ts";
import { unusedRoomCode } from "./roomCode.ts";
import type { RoomServices } from "./services.ts";
import { TickEventsPlugin } from "./TickEventsPlugin.ts";

/** The match room class of `game`. */
export function matchRoom(game: Game, services: RoomServices) {
  const { tickRate } = services.ticker;

  return class MatchRoom extends Room<{ state: any; input: any }> implements Steppable, MatchRoomMethods {
    static override onAuth(token: string | undefined, options: any, context: AuthContext): Promise<Identity> {
      return admit(game, services, token, options, context);
    }

    override inputs = this.defineInput(game.Input, { tickRate, bufferMaxSize: bufferSize(tickRate) });
    override plugins = definePlugins([new TickEventsPlugin(services.tickEvents)]);
    private readonly allowance = new MessageAllowance(tickRate);
    /** Also before the first step. */
    override maxMessagesPerSecond = limits.messagesPerSecond(tickRate);
    override onUncaughtException = (error: Error, method: string): void => {
      if (error.cause instanceof MatchAborted) return;
      services.log.error(
        { err: error, roomId: this.roomId, matchId: this.matchId, method },
        "match room handler threw",
      );
    };
    private readonly packets = TickPackets.of(this);
    readonly matchId = uuidv7({ msecs: services.now() });
    readonly game = game.name;
    mode = "";
    private region = "";
    private source: MatchSource = "arena";
    private readonly seed = randomBytes(16).toString("hex");
    /**
     * Null until the first player takes a seat. Until then the room has no world, is not stepped and records nothing. If no player
     * takes a seat, the framework disposes of the room when the last reservation has expired.
     */
    private match: Match | null = null;
    private facts!: FactsMessage;
    private playerMessages: PlayerMessages | null = null;
    private readonly claims = new SeatClaims(services.quotas);
    private readonly connections = new Connections(services, () => ({
      ...{ room: "match", roomId: this.roomId, matchId: this.matchId },
    }));
    /** The player whose request opened this room; null if the server itself opened it. */
    private owner: Requester | null = null;
    private stopTicking = (): void => {};
    private readonly timeouts = new ClientTimeouts(tickRate);
    private readonly spectators = new Spectators({
      room: this,
      refusal: (playerId) => this.refusalToWatch(playerId),
      onConnect: (client, playerId) => {
        this.timeouts.onConnect(client, this.steps);
        this.connections.opened(client, playerId);
        services.log.info({ roomId: this.roomId, matchId: this.matchId }, "spectator connected");
      },
      replace: (sessionId) => this.disconnectReplaced(sessionId),
    });
    /** For a match of the queue: the entries of its players, and the close codes of players who left before the start. */
    private queued: readonly QueuedEntry[] = [];
    private readonly leavers = new Map<string, number>();
    private isClosing = false;
    private steps = 0;
    /** The step at which the room closes, even if clients are still connected; infinite until this step is known. */
    private closesAtStep = Number.POSITIVE_INFINITY;

    get identity(): MatchIdentity {
      const { mode, matchId, roomId } = this;
      return { game, mode, matchId, roomId, seats: game.modes[mode].teams.length };
    }

    override async onCreate(options: AdmittedOptions): Promise<void> {
      const { mode, region, source, rulesVersion } = options;
      // The framework chooses this process even for another rules version if no process with that version is left.
      if (rulesVersion !== game.rules.version)
        throw new Error(`wrong rules version ${rulesVersion}: this process runs ${game.rules.version}`);
      Object.assign(this, { mode, region, source, queued: options.queued ?? [], owner: options.requester ?? null });
      if (source === "private") this.roomId = await unusedRoomCode();
      await withinQuota(services.quotas.openRoom(this.roomId, this.owner));
      this.maxClients = this.identity.seats;
      if (source === "private") void this.setPrivate(true);
      if (source === "queue") void this.lock();
      useMonotonicClock(this);
      disableRoomTimers(this);
      closeOnBadMessage(this, services.log);
      receivePlayerMessages(this, game, services.log, () => this.playerMessages);
      receiveCommands(this, game, services.log, () => this.match);
      keepFullRoomLocked(this);
    }

    override async onJoin(client: Client, options: AdmittedOptions, identity: PlayerAtSeat): Promise<void> {
      if (options.spectate === true) return this.spectators.enter(client);
      if (options.returnTo !== undefined) countReplacement(this);
      await this.claims.claim(identity.playerId, options);
      try {
        if (this.isClosing || this.match?.isOver) throw new Refused("MATCH_ENDED");
        this.match ??= this.begin();
        this.seat(this.match, client, options, identity);
      } catch (error) {
        if (!this.holdsSeat(identity.playerId)) this.claims.release(identity.playerId);
        if (!(error instanceof GameFault)) throw error;
        this.onStepError(error);
        throw new MatchAborted();
      }
    }

    private begin(): Match {
      const { mode, region, source, matchId, roomId, seed } = this;
      const { tickEvents } = this.plugins;
      const record = tickEvents.record.bind(tickEvents);
      const ladder = { game: game.name, mode };
      const weigh = (players: readonly TeamMember[]) => services.weigh(players, ladder);
      const watch: MatchStart["watch"] = (setup) => services.watch.open({ roomId, matchId, setup });
      const start = { game, mode, region, source, tickRate, record, weigh, watch, matchId, seed };
      const match = new Match({ ...start, algorithm: services.ratingAlgorithm(ladder), at: services.now() });
      this.facts = new FactsMessage(game, match.seats);
      const moderator = services.moderators.get(game.name) ?? null;
      this.playerMessages = new PlayerMessages({
        room: this,
        game,
        match: { matchId, mode, seats: match.seats },
        moderator,
      });
      this.state = match.state;
      stampInputs(this);
      this.autoDispose = false;
      // Otherwise the time before the match would belong to its first tick.
      this.clock.tick();
      this.stopTicking = services.ticker.start(this);
      services.log.info({ roomId, matchId, mode, source }, "match created");
      return match;
    }

    private seat({ seats, phase }: Match, client: Client, options: AdmittedOptions, identity: PlayerAtSeat): void {
      const before = seats.sessionOf(identity.playerId);
      if (before !== null) {
        this.replace(before, client);
        return;
      }
      const player = toSeatedPlayer(client.sessionId, options, identity);
      const seat = seats.seatPlayer(player, options.role, phase === "playing", options.seat);
      if (seat < 0) throw new Refused("MATCH_FULL");
      this.connect(client, seat);
      this.spectators.remove(identity.playerId);
      const listed = this.listSeats();
      if (options.source === "arena")
        void listed.then(() => services.seats.keepOldest(identity.playerId)).catch(() => {});
      const { roomId, matchId } = this;
      const { playerId } = identity;
      const entry = this.queued.find(({ players }) => players.some((queued) => queued.playerId === playerId));
      services.onJoined({ ...options, game: game.name, roomId, matchId, playerId, queuedAt: entry?.enteredAt });
    }

    override onDrop(client: Client, code: number): void {
      this.connections.closed(client, code);
      const { match } = this;
      const seat = match?.seats.seatOf(client.sessionId) ?? -1;
      if (match === null || (seat < 0 && !this.spectators.has(client.sessionId))) return;
      if (seat >= 0) match.feed.disconnect(seat);
      if (!match.isOver && canReconnect(code))
        this.timeouts.awaitReconnection(client, this.allowReconnection(client, "manual"), this.steps);
    }

    override onReconnect(client: Client): void {
      if (this.spectators.has(client.sessionId)) this.spectators.connect(client);
      else this.connect(client, this.match!.seats.seatOf(client.sessionId));
    }

    override onLeave(client: Client, code: number): void {
      services.onLeft();
      this.connections.closed(client, code);
      const { match } = this;
      if (this.spectators.leave(client) || match === null) return;
      const { seats, feed, phase } = match;
      const seat = seats.seatOf(client.sessionId);
      if (seat < 0) return;
      this.releaseClaims(seats.playerId(seat)!);
      if (match.isOver) return;
      feed.disconnect(seat);
      if (match.needsAllPlayers && !this.isClosing) {
        match.isBrokenUp = true;
        this.leavers.set(seats.playerId(seat)!, code);
      }
      seats.leave(seat, leaveReason(code), phase === "playing");
      void this.listSeats();
      // The next step ends the match. Until then, matchmaking must not send players here.
      if (seats.playerCount === 0) void this.lock();
    }

    holdsSeat(playerId: string): boolean {
      return this.match !== null && !this.match.isOver && this.match.seats.sessionOf(playerId) !== null;
    }

    reserveReturn(playerId: string): string | null {
      const player = this.match?.seats.playerOf(playerId) ?? null;
      if (player === null || !this.holdsSeat(playerId)) return null;
      const { mode, roomId, region, source } = this;
      const seat = this.match!.seats.seatOf(player.sessionId);
      const rest = { role: null, name: null, band: null, rulesVersion: game.rules.version };
      const options: AdmittedOptions = {
        ...rest,
        mode,
        region,
        source,
        seat,
        options: player.options,
        returnTo: roomId,
      };
      const sessionId = generateId();
      // A bot may get the seat before the client connects. Then the player is seated again, as the same player.
      reserveReplacement(this, sessionId, options, player);
      return sessionId;
    }

    reserveSpectator(
      options: AdmittedOptions,
      player: { readonly playerId: string },
    ): ReturnType<Spectators["reserve"]> {
      return this.spectators.reserve(options, player);
    }

    private refusalToWatch(playerId: string): RefusalName | null {
      if (this.isClosing || this.match?.isOver) return "MATCH_ENDED";
      if (this.match === null) return "SPECTATORS_REFUSED";
      return this.holdsSeat(playerId) ? "ALREADY_SEATED" : null;
    }

    releaseSeat(playerId: string): void {
      const sessionId = this.match?.seats.sessionOf(playerId) ?? null;
      if (sessionId !== null) this.disconnectReplaced(sessionId);
    }

    /** Removes a player or spectator for good. Any process may call it, for an operator. Returns how many seats or places they had. */
    kick(playerId: string, reason: string): number {
      const sessionId = this.match?.seats.sessionOf(playerId) ?? this.spectators.sessionOf(playerId);
      return sessionId === null ? 0 : this.timeouts.kick(this.clients, sessionId, reason);
    }

    /** Null if no client is connected with this session. Any process may call it, for an operator. */
    playerOfSession(sessionId: string): string | null {
      return this.clients.getById(sessionId)?.auth?.playerId ?? null;
    }

    /** Ends the match because its records cannot be stored, or because a step failed. */
    abort(): void {
      this.close(closeCodes.MATCH_ABORTED.code);
    }

    override onBeforeShutdown(): void {
      const drainSteps = Math.ceil((services.drainMs * tickRate) / 1000);
      // All players of a queue match already have their seats.
      const isStarting = this.source === "queue" || (this.match !== null && this.match.phase !== "waiting");
      if (this.match?.isOver || !isStarting || drainSteps === 0) this.close(closeCodes.SERVER_SHUTDOWN.code);
      else this.closesAtStep = Math.min(this.closesAtStep, this.steps + drainSteps);
    }

    /** Also drops the reservations, so that clients that have not connected yet are refused: a closing room seats nobody. */
    override disconnect(code?: number): Promise<unknown> {
      this.isClosing = true;
      dropReservations(this);
      return super.disconnect(code);
    }

    override onDispose(): void {
      this.stopTicking();
      dropReservations(this);
      this.claims.releaseAll();
      services.quotas.closeRoom(this.roomId);
      // `end` does nothing if the match has ended. The match is still running if the room was closed from outside, for example by
      // an operator.
      this.match?.end("aborted", services.now());
    }

    /** Spectators take no seat. */
    override hasReachedMaxClients(): boolean {
      return super.hasReachedMaxClients() && (this.isClosing || this.spectators.countSeats() >= this.maxClients);
    }

    get about(): Steppable["about"] {
      const { roomId, matchId } = this;
      return { roomId, matchId, tick: this.match?.tick ?? 0 };
    }

    /** With spectators, who cost as much as players. */
    get playerCount(): number {
      return this.clients.length + countReservedSeats(this);
    }

    step(): void {
      const match = this.match!;
      this.clock.tick();
      this.maxMessagesPerSecond = this.allowance.next(this.clock.deltaTime);
      this.steps++;
      if (this.steps % (2 * tickRate) === 0) this.packets.ping(match.feed.ping(this.steps));
      if (this.steps % tickRate === 0) {
        const reconnectMs = match.needsAllPlayers ? limits.RECONNECT_BEFORE_START_MS : limits.RECONNECT_MS;
        this.timeouts.check(this.clients, this.steps, reconnectMs);
        lockIfFull(this);
      }
      if (match.isOver) this.packets.send(this, null);
      else this.stepMatch(match);
      if (match.isOver && this.clients.length === 0) this.closesAtStep = this.steps;
      if (this.steps >= this.closesAtStep) this.close(closeCodeOf(match));
    }

    /** Logs why the match failed, in one line, and ends it. */
    onStepError(error: unknown): void {
      const { matchId, roomId, seed } = this;
      const about = { err: error, matchId, roomId, seed, tick: this.match?.tick ?? 0, game: game.name };
      if (error instanceof GameFault) {
        const { place, remedy } = error;
        services.log.error({ ...about, place, remedy }, `match aborted: ${error.message}`);
      } else services.log.error(about, "step failed; match aborted");
      this.abort();
    }

    private stepMatch(match: Match): void {
      const facts = match.step(services.now(), this.clock.elapsedTime);
      this.packets.send(this, this.facts.encode(match.tick, facts), this.facts.encodeOwn(match.tick, facts));
      if (match.isOver) this.finish();
    }

    /** Call after the end. The room stays open for `RESULT_MS`, so that clients can show the result. */
    private finish(): void {
      const match = this.match!;
      this.plugins.tickEvents.close();
      void this.lock();
      void this.listSeats();
      this.claims.releaseAll();
      if (match.isBrokenUp) this.reportBrokenUp(match);
      const resultMs = match.isBrokenUp ? 0 : limits.RESULT_MS;
      this.closesAtStep = Math.min(this.closesAtStep, this.steps + (resultMs * tickRate) / 1000);
      services.log.info({ roomId: this.roomId, matchId: this.matchId, tick: match.tick }, "match ended");
    }

    private reportBrokenUp({ seats }: Match): void {
      const { matchId, roomId, mode, region, queued } = this;
      const dodgers = dodgersOf(queued, this.leavers, seats.playerIds);
      services.log.info({ roomId, matchId, mode, dodgers }, "match broken up before its start: players are missing");
      services.onBrokenUp({ game: game.name, matchId, roomId, mode, region, dodgers, queued });
    }

    /** Aborts the match if it is still running, and closes the room. */
    private close(code: number): void {
      this.stopTicking();
      this.match?.end("aborted", services.now());
      this.plugins.tickEvents.close();
      try {
        if (this.match !== null) this.packets.send(this, null);
      } finally {
        void this.disconnect(code);
      }
    }

    /** The player of the session `before` continues as `client`. */
    private replace(before: string, client: Client): void {
      this.connect(client, this.match!.changeSession(before, client.sessionId));
      this.disconnectReplaced(before);
    }

    /** Call it when the player no longer has a seat here. The match may continue with other players. */
    private releaseClaims(playerId: string): void {
      this.claims.release(playerId);
      if (playerId === this.owner?.playerId) services.quotas.leaveRoom(this.roomId);
    }

    private disconnectReplaced(sessionId: string): void {
      const client = this.clients.getById(sessionId);
      if (client !== undefined) removeClient(this, client, closeCodes.REPLACED.code);
      this.timeouts.cancelReconnection(sessionId);
    }

    /** Updates the players in the room's listing, through which they find their match again. */
    private listSeats(): Promise<void> {
      const seated = this.match === null || this.match.isOver ? [] : this.match.seats.playerIds;
      return this.setMatchmaking({ seated });
    }

    private connect(client: Client, seat: number): void {
      this.timeouts.onConnect(client, this.steps);
      const { feed, seats } = this.match!;
      const link = createLink(client, game, tickRate);
      feed.connect(seat, link);
      this.connections.opened(client, seats.playerId(seat)!, link.roundTrip);
    }
  };
}
