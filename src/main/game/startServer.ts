/**
 * The composition root: builds every part from the configuration, wires them together, and takes them down again. The
 * framework keeps its state in the process, so a process runs one server at a time.
 */
import type { AddressInfo } from "node:net";
import { createRouter, type Endpoint, matchMaker, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Logger } from "pino";
import { matchRoom } from "../../../rooms/MatchRoom.ts";
import type { RoomServices } from "../../../rooms/services.ts";
import type { Game } from "../../game/Game.ts";
import type { TickEvents } from "../../game/TickEvents.ts";
import { bandOf } from "../../matchmaking/driver/bands.ts";
import { batchJoins } from "../../matchmaking/driver/batchJoins.ts";
import type { OpenMatchmaking } from "../../matchmaking/openMatchmaking.ts";
import { RoomHosts } from "../../matchmaking/RoomHosts.ts";
import { noTickEvents } from "../../pipeline/events/MemoryTickEvents.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { Overload } from "../../platform/tick/Overload.ts";
import { processClock, TickScheduler } from "../../platform/tick/TickScheduler.ts";
import { embeddedSecret } from "../../players/auth/secret.ts";
import { Tokens } from "../../players/auth/Tokens.ts";
import type { Admission } from "../../players/identity/Admission.ts";
import { algorithmsOf } from "../../players/rating/algorithms.ts";
import { weightAfter } from "../../players/rating/elo.ts";
import { INITIAL_RATING } from "../../players/rating/Rating.ts";
import { weightFor } from "../../players/store/meetings.ts";
import { LimitedServer } from "../api/LimitedServer.ts";
import { openApi } from "../api/openApi.ts";
import { addPageRoutes } from "../api/routes.ts";
import { loadGames } from "../loadGames.ts";
import { Metrics } from "../metrics/metrics.ts";
import { LatenessWindow } from "../metrics/publishStats.ts";
import { openBackstage } from "../pipeline/openBackstage.ts";
import { shownHost } from "../processes/shownHost.ts";
import { BusyDoor } from "./BusyDoor.ts";
import { openQueue } from "./openQueue.ts";
import { openRedis } from "./openRedis.ts";
import { refuseWhenBusy, threadLoad } from "./refuseWhenBusy.ts";
import { warmUp } from "./warmUp.ts";

export interface Running {
  readonly port: number;
  /** For people: an address to open in a browser on this machine. */
  readonly address: string;
  readonly tokens: Tokens;
  readonly scheduler: TickScheduler;
  /** Ends or drains every match and frees everything. Bounded in time; safe to call again. */
  stop(): Promise<void>;
}

/** What tests put in the place of the program's own. */
export interface Parts {
  readonly games?: readonly Game[];
  /** In the place of outbox, stores and sinks, none of which is started. */
  readonly tickEvents?: TickEvents;
  readonly admission?: Admission;
  /** Routes of the sign-in, where there is no store for it. */
  readonly signIn?: (tokens: Tokens) => Record<string, Endpoint>;
  readonly now?: () => number;
  readonly stepped?: (mode: string, lateMs: number, tookMs: number) => void;
}

/** On top of the drain, for rooms to close and sockets to say goodbye. */
const STOP_GRACE_MS = 5000;
/** Largest message a client may send; an input is under 20 bytes. */
const MESSAGE_BYTES_MAX = 4096;
/** All sockets are pinged at once, so not often. Matches ping theirs by themselves. */
const PING_EVERY_MS = 10_000;

export async function startServer(config: Config, log: Logger, parts: Parts = {}): Promise<Running> {
  const now = parts.now ?? Date.now;
  const secret = config.jwtSecret ?? embeddedSecret(config.dataDir);
  const games = parts.games ?? (await loadGames(config.games));
  const algorithmOf = algorithmsOf(config.ratingAlgorithm, modesOf(games));
  const metrics = new Metrics();
  const lateness = new LatenessWindow();
  const opening = parts.tickEvents === undefined ? openBackstage({ config, games, metrics, lateness, log }) : null;
  // Beside the databases, which are not ready at once.
  if (config.roles.includes("game")) warmUpAll(games, config.tickRate, log);
  const backstage = await opening;
  const shared = openRedis(config, log);
  let queue: OpenMatchmaking | null = null;
  const api =
    backstage === null || backstage.stores === null
      ? null
      : openApi({
          ...{ config, secret, games, algorithmOf, metrics, backstage, log },
          operator: operatorOf(config),
          stores: backstage.stores,
          redis: shared.redis,
          tickets: () => queue && { tickets: queue.tickets, admission: services.admission },
        });
  const tokens = api?.tokens ?? new Tokens(secret, now);
  const overload = new Overload(
    config.tickRate,
    threadLoad(() => scheduler.playerCount),
  );
  const scheduler = new TickScheduler(config.tickRate, {
    onStep(mode, lateMs, tookMs) {
      metrics.stepped(mode, lateMs, tookMs);
      lateness.add(lateMs);
      overload.addStep(lateMs, tookMs, processClock.now());
      parts.stepped?.(mode, lateMs, tookMs);
    },
    onCloseFailed: (mode, err) => log.error({ err, mode }, "a room that failed could not be closed"),
  });
  const services: RoomServices = {
    ticker: scheduler,
    tickEvents: parts.tickEvents ?? backstage?.tickEvents ?? noTickEvents,
    admission: refuseWhenBusy(
      parts.admission ??
        api?.admission ?? {
          identify: async (token) => ({ ...(await tokens.verify(token)), name: null, rating: null, games: null }),
        },
      overload,
      processClock.now,
    ),
    log: log.child({ part: "room" }),
    bandOf: (rating) => bandOf(rating ?? INITIAL_RATING),
    onJoined({ mode, source, roomId, playerId }) {
      metrics.joined(mode);
      const told = source === "queue" ? queue?.tickets.seatTaken(roomId, playerId) : null;
      told?.catch((error) => log.warn({ error: String(error) }, "the queue was not told that its player sat down"));
    },
    onLeft: () => overload.addDeparture(processClock.now()),
    onRefused: (reason) => metrics.refused(reason),
    weigh: async (opponents, mode) =>
      backstage?.stores ? weightFor(backstage.stores.operational, opponents, mode, now(), weightAfter) : 1,
    ratedBy: (mode) => algorithmOf(mode).name,
    region: "local",
    drainMs: config.drainSeconds * 1000,
    now,
  };

  const hosts = new RoomHosts({
    ...Object.fromEntries(games.map(({ name, rules }) => [name, rules.version])),
    ...{ queue: games[0].rules.version, party: games[0].rules.version },
  });
  const http = new LimitedServer();
  const ticksFirst = () => scheduler.stepDue();
  http.before = ticksFirst;
  const busy = new BusyDoor(
    () => overload.isOverloaded(processClock.now()),
    () => metrics.refused("SERVER_BUSY"),
  );
  http.answering = api === null ? [busy] : [busy, api];
  allowOrigins(config.corsOrigins);
  const server = new Server({
    transport: new WebSocketTransport({ server: http, maxPayload: MESSAGE_BYTES_MAX, pingInterval: PING_EVERY_MS }),
    publicAddress: config.publicAddress?.replace("{port}", String(config.port)),
    presence: shared.presence,
    driver: shared.driver,
    selectProcessIdToCreateRoom: hosts.select,
    isStandaloneMatchMaker: !config.roles.includes("game"),
    logger: log.child({ part: "colyseus" }),
    greet: false,
    gracefullyShutdown: false,
    express: (app) => addPageRoutes(app, operatorOf(config)),
  });
  server.router = createRouter({ ...parts.signIn?.(tokens) }, { openapi: { disabled: true } });
  for (const game of games) {
    server.define(game.name, matchRoom(game, services)).filterBy(["mode", "region", "rulesVersion", "band"]);
  }
  const stopTurns = batchJoins(
    games.map(({ name }) => name),
    ticksFirst,
  );
  await listen(server, http, config).catch(async (error) => {
    await api?.stop();
    await backstage?.stop();
    shared.close();
    throw error;
  });
  const { port } = http.address() as AddressInfo;
  queue = await openQueue(server, {
    ...{ config, metrics, log },
    game: games[0],
    redis: shared.redis,
    hosts: config.roles.includes("game") ? hosts : null,
    region: services.region,
    admission: services.admission,
    writer: backstage?.writer ?? null,
    tell: (entries) => backstage?.tell(entries),
  });
  metrics.readQueue(queue.waiting);
  const leave = (work: Promise<void> | undefined) =>
    work?.catch((err) => log.warn({ err }, "the queue could not be left in order"));
  const withinMs = config.drainSeconds * 1000 + STOP_GRACE_MS;
  const stop = stopper(server, http, { withinMs, log, beforehand: () => leave(queue?.drain()) }, async () => {
    stopTurns();
    await leave(queue?.stop());
    await api?.stop();
    await backstage?.stop();
    shared.close();
  });
  return { port, address: `http://${shownHost(config.host)}:${port}/`, tokens, scheduler, stop };
}

/** Rules that fail do so in their matches, where it is told which; here they only leave the process cold. */
function warmUpAll(games: readonly Game[], tickRate: number, log: Logger): void {
  for (const game of games) {
    try {
      warmUp(game, tickRate);
    } catch (err) {
      log.warn({ err, game: game.name }, "the rules failed before the first match");
    }
  }
}

function modesOf(games: readonly Game[]): string[] {
  return [...new Set(games.flatMap(({ modes }) => Object.keys(modes)))];
}

function operatorOf({ adminUser, adminPassword }: Config) {
  return adminUser === undefined || adminPassword === undefined ? null : { user: adminUser, password: adminPassword };
}

function allowOrigins(origins: readonly string[]): void {
  matchMaker.controller.getCorsHeaders = (headers: Headers) => {
    const origin = headers.get("origin") ?? "*";
    const allowed = origins.includes("*") || origins.includes(origin) ? origin : (origins[0] ?? "null");
    return { "Access-Control-Allow-Origin": allowed, Vary: "Origin" };
  };
}

/** Resolves once connections are taken; rejects when the port cannot be had, which the framework only logs. */
function listen(server: Server, http: LimitedServer, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    server.listen(port, host).then(() => {
      http.off("error", reject);
      resolve();
    }, reject);
  });
}

function stopper(
  server: Server,
  http: LimitedServer,
  how: { readonly withinMs: number; readonly log: Logger; beforehand(): Promise<void> | undefined },
  afterwards: () => Promise<void>,
): () => Promise<void> {
  const { withinMs, log } = how;
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), withinMs);
    });
    await Promise.race([how.beforehand(), late]);
    const ended = await Promise.race([server.gracefullyShutdown(false), late]);
    clearTimeout(timer);
    if (ended === "late") log.warn({ withinMs }, "rooms were still open when the time to stop was over");
    http.close();
    http.closeAllConnections();
    await afterwards();
  };
  return () => (stopping ??= stop());
}
