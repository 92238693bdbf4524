/**
 * A room for players who wait alone for a ranked match in the same mode, strategy and region. It enters them into matchmaking,
 * and sends each player the seat that was found. The pairing itself is in `src/matchmaking/`.
 */
import { type AuthContext, type Client, type Deferred, Room } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";
import type { GameOptions, RequestOrigin } from "../schema/joinOptions.ts";
import { queueCloseCodes } from "../schema/queueCodes.ts";
import { type QueuePlayer, queueOptions, type SeatReservation, type Strategy } from "../schema/queueRequests.ts";
import { NoInput, QueueState } from "../schema/queueState.ts";
import type { Game } from "../src/game/Game.ts";
import type { Gone, QueueKey, QueueListener, RankedQueue } from "../src/matchmaking/RankedQueue.ts";
import { dropReservations, endReconnection } from "../src/platform/adapters/colyseus/seatReservations.ts";
import { useMonotonicClock } from "../src/platform/adapters/colyseus/useMonotonicClock.ts";
import type { Identity } from "../src/players/identity/Admission.ts";
import { Connections } from "./Connections.ts";
import { closeOnBadMessage } from "./closeOnBadMessage.ts";
import {
  admittedBefore,
  admitWith,
  checkMode,
  checkRoleAndRules,
  gameOf,
  gameOptionsOf,
  identify,
  queueRefusal,
  readOptions,
  regionOf,
  requestTarget,
} from "./joinRequest.ts";
import { canReconnect } from "./leaveCodes.ts";
import { RECONNECT_MS } from "./limits.ts";
import type { QueueServices } from "./queue/queueServices.ts";
import { claimSeat, requesterOf, withinQuota } from "./quotas.ts";
import { Refused } from "./Refused.ts";

/** Further clients get another room, on the process with the fewest rooms. */
const CLIENTS_MAX = 500;
const STATS_EVERY_MS = 1000;
const PATCH_EVERY_MS = 250;
const MESSAGES_PER_SECOND = 10;

interface QueueOptions extends RequestOrigin {
  /** Absent if a process of a build without this option admitted the player, for the first game. */
  readonly game?: string;
  /** The room is found by it. */
  readonly pool: string;
  readonly mode: string;
  readonly strategy: Strategy;
  readonly region: string;
  readonly rulesVersion: string;
  readonly role?: number;
  readonly name?: string;
  readonly options?: GameOptions;
}

/** State of a waiting client. */
interface Waiting {
  readonly playerId: string;
  entryId: string;
  /** The seat that was found. Sent again after a reconnection. */
  seat: { readonly seat: SeatReservation; readonly confirmBy: number } | null;
}

/** The queue room class of all games of the installation. Define it with `filterBy(["pool"])`. */
export function queueRoom(games: readonly Game[], services: QueueServices) {
  const { admission, quotas, log } = services;

  return class QueueRoom extends Room<{ state: QueueState; input: any }> {
    static override async onAuth(token: string | undefined, raw: any, context: AuthContext): Promise<Identity> {
      const before = admittedBefore(raw);
      if (before !== undefined) return before;
      if (!["joinOrCreate", "join"].includes(requestTarget(context).method)) throw new Refused("QUEUE_DOOR");
      const requested = readOptions(queueOptions, raw);
      const game = gameOf(games, requested.game);
      checkMode(game, requested.mode);
      checkRoleAndRules(game, requested);
      const options = { ...requested, options: gameOptionsOf(game, requested) };
      const region = regionOf(services.regions, options.region);
      const identity = await identify(admission, token, { game: game.name, mode: options.mode });
      await services
        .matchmaking(game.name)
        .requireNoCooldown(identity.playerId)
        .catch((error) => {
          throw queueRefusal(error);
        });
      const requester = requesterOf(identity, context);
      // The claim lasts only until the player is in the queue. Without it, one player could reserve all places of the room.
      const seatClaim = await claimSeat(quotas, requester, raw);
      const origin = { requester, seatClaim };
      const key = { game: game.name, mode: options.mode, strategy: options.strategy, region };
      const rulesVersion = game.rules.version;
      const pool = [...Object.values(key), rulesVersion].join("|");
      return admitWith(raw, { ...options, ...origin, ...key, rulesVersion, pool }, identity);
    }

    override inputs = this.defineInput(NoInput);
    override state = new QueueState();
    override maxClients = CLIENTS_MAX;
    override patchRate = PATCH_EVERY_MS;
    override maxMessagesPerSecond = MESSAGES_PER_SECOND;
    override messages = { confirm: (client: Client) => this.confirm(client) };
    override onUncaughtException = (error: Error, method: string): void =>
      log.error({ err: error, roomId: this.roomId, method }, "queue room handler threw");
    private key!: QueueKey;
    private matchmaking!: RankedQueue;
    private readonly disconnected = new Map<
      string,
      { readonly playerId: string; readonly reconnection: Deferred<Client> }
    >();
    private readonly connections = new Connections(services, () => ({ room: "queue", roomId: this.roomId }));
    private isStopping = false;
    private ownerId: string | null = null;

    override async onCreate(options: QueueOptions): Promise<void> {
      const { game = games[0].name, mode, strategy, region, rulesVersion, requester } = options;
      useMonotonicClock(this);
      this.ownerId = requester?.playerId ?? null;
      await withinQuota(quotas.openRoom(this.roomId, requester ?? null));
      this.key = { mode, strategy, region, rulesVersion };
      this.matchmaking = services.matchmaking(game);
      Object.assign(this.state, { game, mode, strategy, region });
      closeOnBadMessage(this, log);
      this.clock.setInterval(() => void this.updateStats(), STATS_EVERY_MS);
    }

    override async onJoin(client: Client, options: QueueOptions, identity: Identity): Promise<void> {
      const { requester, seatClaim } = options;
      if (requester !== undefined && seatClaim !== undefined) void quotas.release("seats", requester, seatClaim);
      const player = queuePlayer(identity, options, services.initialRating);
      const waiting: Waiting = { playerId: identity.playerId, entryId: "", seat: null };
      client.userData = waiting;
      const request = { ...this.key, players: [player], party: null };
      const entry = await this.matchmaking.enter(request, this.listener(client.sessionId, waiting)).catch((error) => {
        const refused = queueRefusal(error);
        if (refused.refusal === "QUEUE_UNAVAILABLE") log.warn({ err: error }, "player could not enter the queue");
        throw refused;
      });
      if (entry === null) throw new Refused("ALREADY_QUEUED");
      waiting.entryId = entry.entryId;
      this.connections.opened(client, identity.playerId);
      await this.updateStats();
    }

    override onDrop(client: Client, code: number): void {
      this.connections.closed(client, code);
      if (!canReconnect(code)) return;
      const { playerId } = client.userData as Waiting;
      const reconnection = this.allowReconnection(client, RECONNECT_MS / 1000);
      this.disconnected.set(client.sessionId, { playerId, reconnection });
      reconnection.catch(() => {}).finally(() => this.disconnected.delete(client.sessionId));
    }

    override onReconnect(client: Client): void {
      const { seat, playerId } = client.userData as Waiting;
      this.connections.opened(client, playerId);
      if (seat !== null && performance.now() < seat.confirmBy) client.send("seat", seat.seat);
    }

    override async onLeave(client: Client, code: number): Promise<void> {
      this.connections.closed(client, code);
      const { entryId, playerId } = (client.userData ?? { entryId: "" }) as Waiting;
      if (playerId === this.ownerId) quotas.leaveRoom(this.roomId);
      if (entryId === "") return;
      const isOwnDoing = !this.isStopping && code !== closeCodes.KICKED.code;
      await this.matchmaking
        .leave(entryId, isOwnDoing ? playerId : undefined)
        .catch((error) =>
          log.warn(
            { err: error },
            "player could not leave the queue; the player's entry stays in the queue until a match is found for it and not confirmed",
          ),
        );
    }

    override onDispose(): void {
      dropReservations(this);
      quotas.closeRoom(this.roomId);
    }

    /**
     * Removes a player for good, connected or not. Any process may call it, for an operator. Returns the number of clients that
     * were removed.
     */
    kick(playerId: string, reason: string): number {
      const connected = this.clients.filter(({ userData }) => (userData as Waiting | undefined)?.playerId === playerId);
      const disconnected = [...this.disconnected].filter(([, one]) => one.playerId === playerId);
      for (const client of connected) client.leave(closeCodes.KICKED.code, reason);
      for (const [sessionId, { reconnection }] of disconnected) endReconnection(this, sessionId, reconnection);
      return connected.length + disconnected.length;
    }

    /** Null if no client is connected with this session. Any process may call it, for an operator. */
    playerOfSession(sessionId: string): string | null {
      return this.clients.getById(sessionId)?.auth?.playerId ?? null;
    }

    /**
     * Clients that have a match to confirm may still confirm it. All others leave immediately, and enter again on another
     * process.
     */
    override onBeforeShutdown(): void {
      this.isStopping = true;
      const undecided = this.clients.filter((client) => (client.userData as Waiting).seat !== null);
      const waitMs = undecided.length === 0 ? 0 : services.drainMs;
      for (const client of this.clients) if (!undecided.includes(client)) client.leave(closeCodes.SERVER_SHUTDOWN.code);
      this.clock.setTimeout(() => void this.disconnect(closeCodes.SERVER_SHUTDOWN.code), waitMs);
    }

    private listener(sessionId: string, waiting: Waiting): QueueListener {
      const client = () => this.clients.getById(sessionId);
      return {
        found: (seats, confirmBy) => {
          const seat = seats[waiting.playerId];
          waiting.seat = { seat, confirmBy };
          // While the player enters, a match can only have been found for an earlier connection, which may have taken the seat.
          if (waiting.entryId === "") void this.sendSeatAgain(sessionId, seat, waiting.playerId);
          else client()?.send("seat", seat);
        },
        returned: () => {
          waiting.seat = null;
          client()?.send("returned", {});
          if (this.isStopping) client()?.leave(closeCodes.SERVER_SHUTDOWN.code);
        },
        gone: (how) => {
          waiting.entryId = "";
          client()?.leave(closeCodeFor(how));
        },
      };
    }

    private async sendSeatAgain(sessionId: string, seat: SeatReservation, playerId: string): Promise<void> {
      const taken = await services.seats.reserve(seat.roomId, playerId).catch(() => null);
      this.clients.getById(sessionId)?.send("seat", taken ?? seat);
    }

    private async confirm(client: Client): Promise<void> {
      const { entryId, playerId } = client.userData as Waiting;
      const how = await this.matchmaking.confirm(entryId, playerId);
      if (how === "confirmed" || how === "again") return;
      const refused = new Refused("CONFIRM_LATE");
      client.error(refused.code, refused.message);
    }

    private async updateStats(): Promise<void> {
      try {
        const { waiting, waitMs } = await this.matchmaking.figures(this.key);
        this.state.waiting = waiting;
        this.state.estimatedWaitMs = waitMs ?? 0;
      } catch {
        // The state keeps the previous numbers until the pool is available again. The pool itself logs the error.
      }
    }
  };
}

export function queuePlayer(
  { playerId, kind, name, rating, games, deviation = null }: Identity,
  options: { readonly role?: number; readonly name?: string; readonly options?: GameOptions },
  initialRating: number,
): QueuePlayer {
  const shown = name ?? options.name ?? null;
  return {
    playerId,
    kind,
    name: shown,
    rating: rating ?? initialRating,
    games,
    deviation,
    role: options.role ?? null,
    options: options.options,
    via: "socket",
  };
}

function closeCodeFor(how: Gone | "replaced"): number {
  if (how === "replaced") return queueCloseCodes.QUEUE_REPLACED.code;
  return how === "confirmed" ? queueCloseCodes.QUEUE_DONE.code : queueCloseCodes.QUEUE_EXPIRED.code;
}
