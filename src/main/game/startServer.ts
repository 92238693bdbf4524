/**
 * The composition root of a process with rooms or the API: builds every part from the configuration, lets the server listen, and
 * stops the parts in the direction of the data: rooms first, stores last.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { matchRoom } from "../../../rooms/MatchRoom.ts";
import { spectatorPlace } from "../../../rooms/spectatorAdmission.ts";
import { crossOrigin } from "../../api/crossOrigin.ts";
import type { Game } from "../../game/Game.ts";
import { RoomHosts, type RoomHostsOptions } from "../../matchmaking/RoomHosts.ts";
import { batchJoins } from "../../matchmaking/roomDriver/batchJoins.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { conditionsOf } from "../../platform/health/Health.ts";
import { type Readiness, readinessOf } from "../../platform/health/readiness.ts";
import type { TickScheduler } from "../../platform/tick/TickScheduler.ts";
import type { Tokens } from "../../players/auth/Tokens.ts";
import type { HttpServer } from "../api/HttpServer.ts";
import { NotOpenYet } from "../api/NotOpenYet.ts";
import { serveHealth } from "../health/serveHealth.ts";
import { browserHost } from "../multiProcess/browserHost.ts";
import { createColyseusServer, createStop, listen } from "./colyseusServer.ts";
import { createHttpServer } from "./createHttpServer.ts";
import { type Components, openComponents, type ServerOverrides } from "./openComponents.ts";
import { startMatchmaking } from "./startMatchmaking.ts";

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
export const STOPPING =
  "the process is stopping: it accepts no new players, and its matches continue for up to DRAIN_SECONDS; join another process";

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
  if (overrides.signIn !== undefined) http.handlers = [...http.handlers, overrides.signIn(tokens)];
  const { presence, driver } = shared;
  const hosts = roomHosts(games, config.regions, {
    refusal: () => components.services.tickEvents.refusal(),
    roomsMax: config.processRoomsMax,
  });
  const port = config.port === 0 ? await listenOnFreePort(http, config, components) : config.port;
  const tools = { operators: components.operators, operatorLog: components.api?.operatorLog ?? null };
  const server = createColyseusServer(config, {
    ...{ http, port, presence, driver, hosts, tools, log },
    firstGame: games[0].name,
  });
  for (const game of games) {
    server.define(game.name, matchRoom(game, services)).filterBy(["mode", "region", "rulesVersion", "band"]);
  }
  const stopBatching = batchJoins(
    games.map(({ name }) => name),
    http.beforeRequest,
    {
      reserveReturn: (roomId, playerId) => components.seats.reserve(roomId, playerId),
      reserveSpectator: async (...place) => spectatorPlace(services, await components.seats.reserveSpectator(...place)),
    },
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
    games,
    redis: shared.redis,
    hosts: config.roles.includes("game") ? hosts : null,
    ...{ admission: services.admission, seats: services.seats, quotas: services.quotas },
    writer: dataServices?.writer ?? null,
    recordPlayer: components.recordPlayer,
    clients: services.clients,
    now: services.now,
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
  { port, host, corsOrigins }: Config,
  stopping: AbortSignal,
): Promise<() => void> {
  const { handlers } = http;
  http.handlers = [...(api === null ? [] : [api]), new NotOpenYet(crossOrigin(corsOrigins))];
  if (!http.listening) await once(http.listen(port, host), "listening");
  await shared.untilUsable(stopping);
  stopping.throwIfAborted();
  return () => {
    http.handlers = handlers;
  };
}

function roomHosts(games: readonly Game[], regions: readonly string[], options: RoomHostsOptions): RoomHosts {
  const versions = Object.fromEntries(games.map((game) => [game.name, game.rules.version]));
  return new RoomHosts(versions, ["queue", "party"], regions, options);
}
