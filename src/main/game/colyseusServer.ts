/**
 * Creates, starts and stops the framework's server. The framework keeps its state in the process, so a process can run only one
 * server at a time.
 */
import { type MatchMakerDriver, type Presence, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";
import type { Logger } from "pino";
import { notePlatforms } from "../../../rooms/clientPlatform.ts";
import { clientAddressBehind } from "../../api/clientAddress.ts";
import type { RoomHosts } from "../../matchmaking/RoomHosts.ts";
import { withPort } from "../../platform/config/addresses.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { HttpServer } from "../api/HttpServer.ts";
import { hasOperators } from "../api/openOperators.ts";
import type { OperatorToolsDeps } from "../api/operatorTools.ts";
import { addPageRoutes, hasPage } from "../api/routes.ts";
import { frameworkLogger } from "./frameworkLogger.ts";
import { monitoredRooms } from "./monitoredRooms.ts";

/** Time for rooms and sockets to close, in addition to the drain. */
const STOP_GRACE_MS = 5000;
/** Largest message a client may send; an input is under 20 bytes. */
const MESSAGE_BYTES_MAX = 4096;
/** A long interval, because all sockets are pinged in one go. Match rooms ping their own clients. */
const PING_EVERY_MS = 10_000;

interface ColyseusDeps {
  readonly http: HttpServer;
  /** On which it listens. */
  readonly port: number;
  readonly presence: Presence;
  readonly driver: MatchMakerDriver;
  readonly hosts: RoomHosts;
  readonly tools: Pick<OperatorToolsDeps, "operators" | "operatorLog">;
  /** Name of the first game of the installation. */
  readonly firstGame: string;
  readonly log: Logger;
}

export function createColyseusServer(
  config: Config,
  { http, port, presence, driver, hosts, tools, firstGame, log }: ColyseusDeps,
): Server {
  const addressOf = clientAddressBehind(config.trustedProxies);
  const toolsDeps = hasOperators(config) ? { ...tools, addressOf, rooms: monitoredRooms } : null;
  if (!hasPage(config.pageDir)) log.warn("the page has not been built, so / answers 503; run `npm run prepare`");
  const server = new Server({
    transport: new WebSocketTransport({ server: http, maxPayload: MESSAGE_BYTES_MAX, pingInterval: PING_EVERY_MS }),
    publicAddress: config.publicAddress && withPort(config.publicAddress, port),
    ...{ presence, driver },
    selectProcessIdToCreateRoom: hosts.select,
    isStandaloneMatchMaker: !config.roles.includes("game"),
    logger: frameworkLogger(log.child({ part: "colyseus" })),
    greet: false,
    gracefullyShutdown: false,
    async express(app) {
      await addPageRoutes(app, {
        tools: toolsDeps,
        pageDir: config.pageDir,
        firstGame,
        onError: (err, where) => log.error({ err, where }, "HTTP request failed"),
      });
      http.pages = app;
    },
  });
  notePlatforms(http);
  return server;
}

/** Resolves once connections are accepted. Rejects if the port cannot be used, which the framework only logs. */
export function listen(server: Server, http: HttpServer, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", reject);
    server.listen(port, host).then(() => {
      http.off("error", reject);
      resolve();
    }, reject);
  });
}

interface StopSteps {
  /** Its time counts towards the time limit, as that of closing the rooms does. */
  readonly before: () => Promise<void> | undefined;
  readonly after: () => Promise<void>;
}

/**
 * Returns a function that stops the server within `drainSeconds` and a grace period. Later calls of it wait for the first one.
 */
export function createStop(
  { server, http, log }: { readonly server: Server; readonly http: HttpServer; readonly log: Logger },
  drainSeconds: number,
  steps: StopSteps,
): () => Promise<void> {
  const withinMs = drainSeconds * 1000 + STOP_GRACE_MS;
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), withinMs);
    });
    await Promise.race([steps.before(), late]);
    const ended = await Promise.race([server.gracefullyShutdown(false), late]);
    clearTimeout(timer);
    if (ended === "late")
      log.warn({ withinMs }, "rooms were still open after the time limit for stopping; closing their sockets");
    http.close();
    http.closeAllConnections();
    await steps.after();
  };
  return () => (stopping ??= stop());
}
