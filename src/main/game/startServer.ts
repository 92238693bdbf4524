/**
 * The composition root of a process with rooms or the API: builds every part from the configuration, connects the parts, and
 * stops them in the direction of the data: rooms first, stores last.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createRouter, type Endpoint } from "@colyseus/core";
import type { Logger } from "pino";
import { matchRoom } from "../../../rooms/MatchRoom.ts";
import type { RoomServices } from "../../../rooms/services.ts";
import { Limits } from "../../api/limits.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import type { Game } from "../../game/Game.ts";
import type { TickEvents } from "../../game/TickEvents.ts";
import type { RunningMatchmaking } from "../../matchmaking/openMatchmaking.ts";
import { RoomHosts, type RoomHostsOptions } from "../../matchmaking/RoomHosts.ts";
import { batchJoins } from "../../matchmaking/roomDriver/batchJoins.ts";
import { ListedSeats } from "../../matchmaking/seats/ListedSeats.ts";
import { noTickEvents } from "../../pipeline/events/MemoryTickEvents.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { conditionsOf, Health } from "../../platform/health/Health.ts";
import { type Readiness, readinessOf } from "../../platform/health/readiness.ts";
import { Overload, type OverloadGuard } from "../../platform/tick/Overload.ts";
import { processClock, TickScheduler } from "../../platform/tick/TickScheduler.ts";
import { noTracer } from "../../platform/tracing/noTracer.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { loadOrCreateSecret } from "../../players/auth/loadOrCreateSecret.ts";
import { Tokens } from "../../players/auth/Tokens.ts";
import type { Admission } from "../../players/identity/Admission.ts";
import { algorithmsOf } from "../../players/rating/algorithms.ts";
import type { HttpServer } from "../api/HttpServer.ts";
import { NotOpenYet } from "../api/NotOpenYet.ts";
import { openOperators, openOperatorsFile } from "../api/openOperators.ts";
import { type RunningApi, startRestApi } from "../api/startRestApi.ts";
import { serveHealth } from "../health/serveHealth.ts";
import { SecretWatch } from "../installation/SecretWatch.ts";
import { loadGames } from "../loadGames.ts";
import { Metrics } from "../metrics/metrics.ts";
import { LatenessWindow } from "../metrics/publishStats.ts";
import { browserHost } from "../multiProcess/browserHost.ts";
import { type DataServices, openDataServices } from "../pipeline/openDataServices.ts";
import { createColyseusServer, createStop, listen } from "./colyseusServer.ts";
import { createHttpServer } from "./createHttpServer.ts";
import { traceMatches } from "./matchSpans.ts";
import { openQuotas } from "./openQuotas.ts";
import { openSharedState, type SharedState } from "./openSharedState.ts";
import { threadLoad } from "./refuseWhenOverloaded.ts";
import { createRoomServices } from "./roomServices.ts";
import { startMatchmaking } from "./startMatchmaking.ts";
import { warmUpAll } from "./warmUp.ts";

export interface RunningServer {
  readonly port: number;
  /** An address that a browser on this machine can open. */
  readonly address: string;
  readonly tokens: Tokens;
  readonly scheduler: TickScheduler;
  /** What `/readyz` answers. */
  readiness(): Promise<Readiness>;
  /** Resolves when an operator asks the process to stop. */
  readonly drainAsked: Promise<void>;
  /** Resolves to one line when the process must stop. */
  readonly mustStop: Promise<string>;
  /** Lets matches finish for the drain time, ends the others, and frees everything. Bounded in time; safe to call again. */
  stop(): Promise<void>;
}

/** A load balancer then sends new players to other processes. */
const STOPPING =
  "the process is stopping: it accepts no new players, and its matches continue for up to DRAIN_SECONDS; join another process";

/** What tests and benchmarks replace. */
export interface ServerOverrides {
  readonly games?: readonly Game[];
  /** Replaces outbox, stores and sinks, none of which is then started. */
  readonly tickEvents?: TickEvents;
  readonly admission?: Admission;
  /** Sign-in routes for a server without a store. */
  readonly signIn?: (tokens: Tokens) => Record<string, Endpoint>;
  readonly now?: () => number;
  readonly onStep?: StepListener;
  /** Replaces the judgement whether the process should refuse new players. */
  readonly overload?: OverloadGuard;
}

type StepListener = (mode: string, lateMs: number, tookMs: number) => void;

/**
 * Resolves once joins are accepted. If Redis is unavailable, waits for it, and `/readyz` reports the reason. Rejects if `stopping` is
 * aborted before players can join.
 */
export async function startServer(
  config: Config,
  log: Logger,
  overrides: ServerOverrides = {},
  stopping: AbortSignal = new AbortController().signal,
): Promise<RunningServer> {
  const components = await openComponents(config, log, overrides);
  const { games, metrics, dataServices, shared, tokens, scheduler, services } = components;
  const http = createHttpServer(config, components, log);
  const { presence, driver } = shared;
  const hosts = roomHosts(games, config.regions, {
    refusal: () => components.services.tickEvents.refusal(),
    roomsMax: config.processRoomsMax,
  });
  const port = config.port === 0 ? await listenOnFreePort(http, config, components) : config.port;
  const tools = { operators: components.operators, operatorLog: components.api?.operatorLog ?? null };
  const server = createColyseusServer(config, { http, port, presence, driver, hosts, tools, log });
  server.router = createRouter({ ...overrides.signIn?.(tokens) }, { openapi: { disabled: true } });
  for (const game of games) {
    server.define(game.name, matchRoom(game, services)).filterBy(["mode", "region", "rulesVersion", "band"]);
  }
  const stopBatching = batchJoins(
    games.map(({ name }) => name),
    http.beforeRequest,
    (roomId, playerId) => components.seats.reserve(roomId, playerId),
  );
  let stopHealth = () => {};
  let acceptJoins = () => {};
  try {
    stopHealth = await serveHealth({
      config,
      health: components.health,
      operators: components.operators,
      metrics: metrics.registry,
      log,
    });
    if (shared.redis !== null) acceptJoins = await waitForRedis(components, http, config, stopping);
    await listen(server, http, config);
  } catch (error) {
    stopHealth();
    stopBatching();
    http.close();
    http.closeAllConnections();
    await components.close();
    throw error;
  }
  const matchmaking = await startMatchmaking(server, {
    ...{ config, metrics, log },
    game: games[0],
    redis: shared.redis,
    hosts: config.roles.includes("game") ? hosts : null,
    ...{ admission: services.admission, seats: services.seats, quotas: services.quotas },
    writer: dataServices?.writer ?? null,
    notify: (entries) => dataServices?.notify(entries),
  });
  components.matchmaking = matchmaking;
  acceptJoins();
  metrics.addQueueGauge(matchmaking.waiting);
  const logFailure = (work: Promise<void>) =>
    work.catch((err) =>
      log.warn({ err }, "matchmaking did not stop gracefully; its waiting entries expire by themselves"),
    );
  let isStopping = false;
  components.health.addSource(() => conditionsOf([isStopping ? STOPPING : null], "joins"));
  const stop = createStop({ server, http, log }, config.drainSeconds, {
    before() {
      isStopping = true;
      return logFailure(matchmaking.drain());
    },
    async after() {
      stopBatching();
      await logFailure(matchmaking.stop());
      await components.close();
      stopHealth();
    },
  });
  return {
    ...{ port, tokens, scheduler, stop },
    readiness: async () => readinessOf(await components.health.conditions(), config.roles),
    address: `http://${browserHost(config.host)}:${port}/`,
    drainAsked: components.drainAsked,
    mustStop: dataServices?.mismatch ?? new Promise(() => {}),
  };
}

/** What a server is built from before it listens. */
interface Components {
  readonly games: readonly Game[];
  readonly metrics: Metrics;
  readonly health: Health;
  /** Null if `tickEvents` is overridden. */
  readonly dataServices: DataServices | null;
  readonly shared: SharedState;
  readonly seats: ListedSeats;
  readonly limits: Limits;
  readonly api: RunningApi | null;
  readonly operators: Operators;
  readonly drainAsked: Promise<void>;
  readonly tokens: Tokens;
  readonly tracer: Tracer;
  readonly scheduler: TickScheduler;
  readonly overload: OverloadGuard;
  readonly services: RoomServices;
  /** Null until the queue is open, which needs a server that listens. */
  matchmaking: RunningMatchmaking | null;
  close(): Promise<void>;
}

async function openComponents(config: Config, log: Logger, overrides: ServerOverrides): Promise<Components> {
  const now = overrides.now ?? Date.now;
  const secret = config.jwtSecret ?? loadOrCreateSecret(config.dataDir);
  const games = overrides.games ?? (await loadGames(config.games));
  const algorithmOf = algorithmsOf(config.ratingAlgorithm, modesOf(games));
  const metrics = new Metrics();
  const lateness = new LatenessWindow();
  const health = new Health(log);
  const operatorsFile = openOperatorsFile(config, health);
  const opening =
    overrides.tickEvents === undefined ? openDataServices({ config, games, metrics, lateness, health, log }) : null;
  // Warm up while the databases open.
  if (config.roles.includes("game")) warmUpAll(games, config.tickRate, log);
  const dataServices = await opening;
  const stores = dataServices?.stores ?? null;
  const tracer = dataServices?.tracer ?? noTracer;
  const shared = openSharedState(config, health, log);
  const { redis } = shared;
  const quotas = openQuotas(config, redis, log);
  const {
    namespace,
    jwtAcceptedSecrets: accepted,
    playerJoinsPerMinute: joinsPerMinute,
    addressLimitFactor: addressFactor,
  } = config;
  const limits = new Limits({ redis, namespace, secrets: [secret, ...accepted], joinsPerMinute, addressFactor });
  const drainAsked = Promise.withResolvers<void>();
  const operators = openOperators(config, operatorsFile, limits);
  const secretWatch =
    redis && new SecretWatch({ redis, namespace, secret, accepted, isSet: config.jwtSecret !== undefined, health });
  const api =
    dataServices === null || stores === null
      ? null
      : startRestApi({
          ...{ config, secret, games, algorithmOf, metrics, dataServices, stores, health, log },
          ...{ limits, quotas },
          ...{ operators, redis, drain: drainAsked.resolve },
          tickets: () =>
            components.matchmaking && { tickets: components.matchmaking.tickets, admission: services.admission },
        });
  const tokens = api?.tokens ?? new Tokens(secret, { accepted, now });
  const overload: OverloadGuard =
    overrides.overload ??
    new Overload(
      config.tickRate,
      threadLoad(() => scheduler.playerCount),
    );
  const scheduler = createScheduler(config.tickRate, log, (mode, lateMs, tookMs) => {
    overload.addStep(lateMs, tookMs, processClock.now());
    metrics.recordStep(mode, lateMs, tookMs);
    lateness.add(lateMs);
    overrides.onStep?.(mode, lateMs, tookMs);
  });
  metrics.addDroppedTicks(() => scheduler.droppedTicks);
  const seats = new ListedSeats(shared.driver);
  const services = createRoomServices({
    ...{ config, scheduler, overload, seats, quotas, stores, algorithmOf, metrics, tracer, log, now },
    tickEvents: overrides.tickEvents ?? recordedBy(dataServices),
    admission: overrides.admission ?? api?.admission ?? tokenAdmission(tokens),
    matchmaking: () => components.matchmaking,
  });
  const components: Components = {
    ...{ games, metrics, health, dataServices, shared, seats, limits, api, tokens, tracer, scheduler, overload },
    services,
    operators,
    drainAsked: drainAsked.promise,
    matchmaking: null,
    async close() {
      await api?.stop();
      await dataServices?.stop();
      quotas.close();
      await secretWatch?.stop();
      shared.close();
    },
  };
  return components;
}

function recordedBy(dataServices: DataServices | null): TickEvents {
  const { tickEvents = null, writer = null, tracer = noTracer } = dataServices ?? {};
  return tickEvents === null || writer === null ? noTickEvents : traceMatches(tickEvents, writer, tracer);
}

/** The port is needed before the framework starts, because it is part of the address at which rooms can be reached. */
async function listenOnFreePort(http: HttpServer, { host }: Config, { close }: Components): Promise<number> {
  try {
    await once(http.listen(0, host), "listening");
  } catch (error) {
    await close();
    throw error;
  }
  return (http.address() as AddressInfo).port;
}

/**
 * Serves the API and `/readyz`, and refuses joins. Resolves once Redis can be used. Call the returned function to accept joins.
 */
async function waitForRedis(
  { shared, api }: Components,
  http: HttpServer,
  { port, host }: Config,
  stopping: AbortSignal,
): Promise<() => void> {
  const { handlers } = http;
  http.handlers = [...(api === null ? [] : [api]), new NotOpenYet()];
  if (!http.listening) await once(http.listen(port, host), "listening");
  await shared.untilUsable(stopping);
  stopping.throwIfAborted();
  return () => {
    http.handlers = handlers;
  };
}

function createScheduler(tickRate: number, log: Logger, onStep: StepListener): TickScheduler {
  return new TickScheduler(tickRate, {
    onStep,
    onCloseFailed: (mode, err) =>
      log.error({ err, mode }, "a failed room could not be closed; it is no longer stepped"),
  });
}

/** Admits everyone with a valid token, for a server without a store: no name, no rating. */
const tokenAdmission = (tokens: Tokens): Admission => ({
  identify: async (token) => ({ ...(await tokens.verify(token)), name: null, rating: null, games: null }),
});

function roomHosts(games: readonly Game[], regions: readonly string[], options: RoomHostsOptions): RoomHosts {
  const [{ rules }] = games;
  const versions = Object.fromEntries(games.map((game) => [game.name, game.rules.version]));
  return new RoomHosts({ ...versions, queue: rules.version, party: rules.version }, regions, options);
}

function modesOf(games: readonly Game[]): string[] {
  return [...new Set(games.flatMap(({ modes }) => Object.keys(modes)))];
}
