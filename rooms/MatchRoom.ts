/**
 * The room of one match: admits and seats clients, buffers their frames, steps the match when the process's scheduler calls it,
 * and sends the result. It does not depend on the rules of a game or on a store, and a step awaits nothing.
 */
import { randomBytes } from "node:crypto";
import { type AuthContext, type Client, definePlugins, generateId, Room } from "@colyseus/core";
import { v7 as uuidv7 } from "uuid";
import { closeCodes } from "../schema/codes.ts";
import type { AdmittedOptions, QueuedEntry } from "../schema/joinOptions.ts";
import type { Game } from "../src/game/Game.ts";
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
import { closeOnBadMessage } from "./closeOnBadMessage.ts";
import { canReconnect, closeCodeOf, dodgersOf, leaveReason } from "./leaveCodes.ts";
import * as limits from "./limits.ts";
import { MessageAllowance } from "./MessageAllowance.ts";
import { ClientTimeouts } from "./match/ClientTimeouts.ts";
import { createLink } from "./match/createLink.ts";
import { disableRoomTimers } from "./match/disableRoomTimers.ts";
import { FactsMessage } from "./match/FactsMessage.ts";
import { bufferSize } from "./match/FrameFeed.ts";
import { Match } from "./match/Match.ts";
import { TickPackets } from "./match/TickPackets.ts";
import { type PlayerAtSeat, toSeatedPlayer } from "./match/toSeatedPlayer.ts";
import { Refused } from "./Refused.ts";
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
    override autoDispose = false;
    private readonly allowance = new MessageAllowance(tickRate);
    override onUncaughtException = (error: Error, method: string): void => {
      services.log.error(
        { err: error, roomId: this.roomId, matchId: this.matchId, method },
        "match room handler threw",
      );
    };
    private readonly packets = TickPackets.of(this);
    readonly matchId = uuidv7({ msecs: services.now() });
    mode = "";
    private readonly seed = randomBytes(16).toString("hex");
    private match!: Match;
    private facts!: FactsMessage;
    private stopTicking = (): void => {};
    private readonly timeouts = new ClientTimeouts(tickRate);
    /** For a match of the queue: the entries of its players, and the close codes of players who left before the start. */
    private queued: readonly QueuedEntry[] = [];
    private readonly leavers = new Map<string, number>();
    private isClosing = false;
    private steps = 0;
    /** The step at which the room closes, even if clients are still connected; infinite until this step is known. */
    private closesAtStep = Number.POSITIVE_INFINITY;

    identity(mode: string): MatchIdentity {
      return { game, mode, matchId: this.matchId, roomId: this.roomId, seats: game.modes[mode].teams.length };
    }

    override onCreate(options: AdmittedOptions): void {
      const [{ mode, region, source, rulesVersion }, { matchId, seed }] = [options, this];
      // The framework chooses this process even for another rules version if no process with that version is left.
      if (rulesVersion !== game.rules.version)
        throw new Error(`wrong rules version ${rulesVersion}: this process runs ${game.rules.version}`);
      const record = this.plugins.tickEvents.record.bind(this.plugins.tickEvents);
      this.mode = mode;
      this.queued = options.queued ?? [];
      const weigh = (players: readonly TeamMember[]) => services.weigh(players, mode);
      const start = { game, mode, region, source, tickRate, record, weigh, matchId, seed };
      this.match = new Match({ ...start, algorithm: services.ratingAlgorithm(mode), at: services.now() });
      this.facts = new FactsMessage(game, this.match.seats.count, (seat) => this.match.seats.playerId(seat));
      this.state = this.match.state;
      this.maxClients = this.match.seats.count;
      if (source === "private") void this.setPrivate(true);
      if (source === "queue") void this.lock();
      useMonotonicClock(this);
      disableRoomTimers(this);
      closeOnBadMessage(this, services.log);
      keepFullRoomLocked(this);
      this.stopTicking = services.ticker.start(this);
      services.log.info({ roomId: this.roomId, matchId: this.matchId, mode, source }, "match created");
    }

    override onJoin(client: Client, options: AdmittedOptions, identity: PlayerAtSeat): void {
      const { seats, phase, isOver } = this.match;
      if (options.returnTo !== undefined) countReplacement(this);
      if (isOver) throw new Refused("MATCH_ENDED");
      const before = seats.sessionOf(identity.playerId);
      if (before !== null) {
        this.replace(before, client);
        return;
      }
      const player = toSeatedPlayer(client.sessionId, options, identity);
      const seat = seats.seatPlayer(player, options.role, phase === "playing", options.seat);
      if (seat < 0) throw new Refused("MATCH_FULL");
      this.connect(client, seat);
      const listed = this.listSeats();
      if (options.source === "arena")
        void listed.then(() => services.seats.keepOldest(identity.playerId)).catch(() => {});
      services.onJoined({ ...options, roomId: this.roomId, playerId: identity.playerId });
    }

    override onDrop(client: Client, code: number): void {
      const seat = this.match.seats.seatOf(client.sessionId);
      if (seat < 0) return;
      this.match.feed.disconnect(seat);
      if (!this.match.isOver && canReconnect(code))
        this.timeouts.awaitReconnection(client, this.allowReconnection(client, "manual"), this.steps);
    }

    override onReconnect(client: Client): void {
      this.connect(client, this.match.seats.seatOf(client.sessionId));
    }

    override onLeave(client: Client, code: number): void {
      services.onLeft();
      const { match } = this;
      const { seats, feed, phase } = match;
      const seat = seats.seatOf(client.sessionId);
      if (match.isOver || seat < 0) return;
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
      return !this.match.isOver && this.match.seats.sessionOf(playerId) !== null;
    }

    reserveReturn(playerId: string): string | null {
      const { seats, region, source } = this.match;
      const player = seats.playerOf(playerId);
      if (player === null || !this.holdsSeat(playerId)) return null;
      const { mode, roomId } = this;
      const seat = seats.seatOf(player.sessionId);
      const rest = { role: null, name: null, band: null, rulesVersion: game.rules.version };
      const options: AdmittedOptions = { ...rest, mode, region, source, seat, returnTo: roomId };
      const sessionId = generateId();
      // A bot may get the seat before the client connects. Then the player is seated again, as the same player.
      reserveReplacement(this, sessionId, options, player);
      return sessionId;
    }

    releaseSeat(playerId: string): void {
      const sessionId = this.match.seats.sessionOf(playerId);
      if (sessionId !== null) this.disconnectReplaced(sessionId);
    }

    /** Removes a player for good. Any process may call it, for an operator. Returns the number of seats that the player held. */
    kick(playerId: string, reason: string): number {
      const sessionId = this.match.seats.sessionOf(playerId);
      return sessionId === null ? 0 : this.timeouts.kick(this.clients, sessionId, reason);
    }

    /** Ends the match because its records cannot be stored, or because a step failed. */
    abort(): void {
      this.close(closeCodes.MATCH_ABORTED.code);
    }

    override onBeforeShutdown(): void {
      const drainSteps = Math.ceil((services.drainMs * tickRate) / 1000);
      // All players of a queue match already have their seats.
      const isStarting = this.match.phase !== "waiting" || this.match.source === "queue";
      if (this.match.isOver || !isStarting || drainSteps === 0) this.close(closeCodes.SERVER_SHUTDOWN.code);
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
      // `end` does nothing if the match has ended. The match is still running if the room was closed from outside, for example by
      // an operator.
      this.match?.end("aborted", services.now());
    }

    get playerCount(): number {
      return this.clients.length + countReservedSeats(this);
    }

    step(): void {
      this.clock.tick();
      this.maxMessagesPerSecond = this.allowance.next(this.clock.deltaTime);
      this.steps++;
      if (this.steps % (2 * tickRate) === 0) this.packets.ping(this.match.feed.ping(this.steps));
      if (this.steps % tickRate === 0) {
        const { needsAllPlayers } = this.match;
        const reconnectMs = needsAllPlayers ? limits.RECONNECT_BEFORE_START_MS : limits.RECONNECT_MS;
        this.timeouts.check(this.clients, this.steps, reconnectMs);
        lockIfFull(this);
      }
      if (this.match.isOver) this.packets.send(this, null);
      else this.stepMatch();
      if (this.match.isOver && this.clients.length === 0) this.closesAtStep = this.steps;
      if (this.steps >= this.closesAtStep) this.close(closeCodeOf(this.match));
    }

    onStepError(error: unknown): void {
      const { matchId, roomId, seed } = this;
      services.log.error({ err: error, matchId, roomId, seed, tick: this.match.tick }, "step failed; match aborted");
      this.abort();
    }

    private stepMatch(): void {
      const { match } = this;
      const facts = match.step(services.now(), this.clock.elapsedTime);
      this.packets.send(this, this.facts.encode(match.tick, facts));
      const neverJoined = this.steps * (1000 / tickRate) > limits.firstJoinMs(match.source) && !match.wasJoined;
      if (neverJoined) match.end("abandoned", services.now());
      if (match.isOver) this.finish();
    }

    /** Call after the end. The room stays open for `RESULT_MS`, so that clients can show the result. */
    private finish(): void {
      this.plugins.tickEvents.close();
      void this.lock();
      void this.listSeats();
      if (this.match.isBrokenUp) this.reportBrokenUp();
      const resultMs = this.match.isBrokenUp ? 0 : limits.RESULT_MS;
      this.closesAtStep = Math.min(this.closesAtStep, this.steps + (resultMs * tickRate) / 1000);
      services.log.info({ roomId: this.roomId, matchId: this.matchId, tick: this.match.tick }, "match ended");
    }

    private reportBrokenUp(): void {
      const { matchId, roomId, mode, queued } = this;
      const dodgers = dodgersOf(queued, this.leavers, this.match.seats.playerIds);
      services.log.info({ roomId, matchId, mode, dodgers }, "match broken up before its start: players are missing");
      services.onBrokenUp({ matchId, roomId, mode, region: this.match.region, dodgers, queued });
    }

    /** Aborts the match if it is still running, and closes the room. */
    private close(code: number): void {
      this.stopTicking();
      this.match.end("aborted", services.now());
      this.plugins.tickEvents.close();
      try {
        this.packets.send(this, null);
      } finally {
        void this.disconnect(code);
      }
    }

    /** The player of the session `before` continues as `client`. */
    private replace(before: string, client: Client): void {
      this.connect(client, this.match.changeSession(before, client.sessionId));
      this.disconnectReplaced(before);
    }

    private disconnectReplaced(sessionId: string): void {
      const client = this.clients.getById(sessionId);
      if (client !== undefined) removeClient(this, client, closeCodes.REPLACED.code);
      this.timeouts.cancelReconnection(sessionId);
    }

    /** Updates the players in the room's listing, through which they find their match again. */
    private listSeats(): Promise<void> {
      return this.setMatchmaking({ seated: this.match.isOver ? [] : this.match.seats.playerIds });
    }

    private connect(client: Client, seat: number): void {
      this.timeouts.onConnect(client, this.steps);
      this.match.feed.connect(seat, createLink(client, game, tickRate));
    }
  };
}
