/** Builds what a process with rooms or the API consists of, and connects the parts, before anything listens. */
import type { Logger } from "pino";
import { ConnectedClients } from "../../../rooms/ConnectedClients.ts";
import type { RoomServices } from "../../../rooms/services.ts";
import type { RecordPlayerEvent } from "../../../schema/playerEvents.ts";
import { Limits } from "../../api/limits.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import type { GameBackend } from "../../game/Backend.ts";
import type { Game } from "../../game/Game.ts";
import { type GameWatch, noWatch } from "../../game/GameWatch.ts";
import type { TickEvents } from "../../game/TickEvents.ts";
import type { RunningMatchmaking } from "../../matchmaking/openMatchmaking.ts";
import { ListedSeats } from "../../matchmaking/seats/ListedSeats.ts";
import { noTickEvents } from "../../pipeline/events/MemoryTickEvents.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import { Health } from "../../platform/health/Health.ts";
import { Overload, type OverloadGuard } from "../../platform/tick/Overload.ts";
import type { Steppable } from "../../platform/tick/Steppable.ts";
import { processClock, TickScheduler } from "../../platform/tick/TickScheduler.ts";
import { noTracer } from "../../platform/tracing/noTracer.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { loadOrCreateSecret } from "../../players/auth/loadOrCreateSecret.ts";
import { Tokens } from "../../players/auth/Tokens.ts";
import type { Admission } from "../../players/identity/Admission.ts";
import { algorithmsOf } from "../../players/rating/algorithms.ts";
import type { HttpHandler } from "../api/HttpServer.ts";
import { openOperators, openOperatorsFile } from "../api/openOperators.ts";
import { type RunningApi, startRestApi } from "../api/startRestApi.ts";
import { withDevChecks } from "../dev/devChecks.ts";
import { SecretWatch } from "../installation/SecretWatch.ts";
import { loadBackends, loadGames } from "../loadGames.ts";
import { Metrics } from "../metrics/metrics.ts";
import { LatenessWindow } from "../metrics/publishStats.ts";
import { type DataServices, openDataServices } from "../pipeline/openDataServices.ts";
import { playerRecorder } from "../pipeline/playerRecorder.ts";
import { traceMatches } from "./matchSpans.ts";
import { moderatorsOf, playerValuesIn } from "./moderators.ts";
import { OperatorMessages } from "./OperatorMessages.ts";
import { openQuotas } from "./openQuotas.ts";
import { openSharedState, type SharedState } from "./openSharedState.ts";
import { threadLoad } from "./refuseWhenOverloaded.ts";
import { createRoomServices } from "./roomServices.ts";
import { SlowSteps } from "./SlowSteps.ts";
import { warmUpAll } from "./warmUp.ts";

/** What tests and benchmarks replace. */
export interface ServerOverrides {
  readonly games?: readonly Game[];
  readonly backends?: readonly GameBackend[];
  /** Replaces outbox, stores and sinks, none of which is then started. */
  readonly tickEvents?: TickEvents;
  readonly recordPlayer?: RecordPlayerEvent;
  readonly admission?: Admission;
  /** Sign-in routes for a server without a store. */
  readonly signIn?: (tokens: Tokens) => HttpHandler;
  readonly now?: () => number;
  readonly onStep?: StepListener;
  /** Replaces the judgement whether the process should refuse new players. */
  readonly overload?: OverloadGuard;
  /** Sees how long a game's code runs. Default: nothing does. */
  readonly watch?: GameWatch;
}

type StepListener = (room: Steppable, lateMs: number, tookMs: number) => void;

/** What a server is built from before it listens. */
export interface Components {
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
  readonly recordPlayer: RecordPlayerEvent;
  /** Null until the queue is open, which needs a server that listens. */
  matchmaking: RunningMatchmaking | null;
  close(): Promise<void>;
}

export async function openComponents(config: Config, log: Logger, overrides: ServerOverrides): Promise<Components> {
  const now = overrides.now ?? Date.now;
  const secret = config.jwtSecret ?? loadOrCreateSecret(config.dataDir);
  const loaded = overrides.games ?? (await loadGames(config.games));
  const games = withDevChecks(loaded, config.env, (line) => log.warn(line));
  const backends = overrides.backends ?? (overrides.games === undefined ? await loadBackends(config.games) : []);
  const algorithmOf = algorithmsOf(config.ratingAlgorithm, ratedNames(games));
  const metrics = new Metrics();
  const lateness = new LatenessWindow();
  const health = new Health(log);
  const operatorsFile = openOperatorsFile(config, health);
  const opening =
    overrides.tickEvents === undefined ? openDataServices({ config, games, metrics, lateness, health, log }) : null;
  try {
    // Warm up while the databases open.
    if (config.roles.includes("game")) warmUpAll(games, config.tickRate, log);
  } catch (error) {
    // The start does not wait for them: they may be unavailable.
    void opening?.then((opened) => opened.stop()).catch(() => {});
    throw error;
  }
  const dataServices = await opening;
  const stores = dataServices?.stores ?? null;
  const recordPlayer = overrides.recordPlayer ?? playerRecorder(dataServices?.writer ?? null);
  const tracer = dataServices?.tracer ?? noTracer;
  const shared = openSharedState(config, health, log);
  const { redis } = shared;
  const { namespace, jwtAcceptedSecrets: accepted } = config;
  const quotas = openQuotas(config, redis, log);
  const limits = openLimits(config, redis, secret);
  const clients = new ConnectedClients();
  const operatorMessages = new OperatorMessages({
    ...{ presence: shared.presence, clients, now },
    publish: async (entries) => dataServices?.publish(entries),
  });
  void operatorMessages.start();
  const drainAsked = Promise.withResolvers<void>();
  const operators = openOperators({ config, file: operatorsFile, redis, metrics, health, log });
  const secretWatch =
    redis && new SecretWatch({ redis, namespace, secret, accepted, isSet: config.jwtSecret !== undefined, health });
  const api =
    dataServices === null || stores === null
      ? null
      : startRestApi({
          ...{ config, secret, games, backends, algorithmOf, metrics, dataServices, stores, health, log },
          ...{ limits, quotas },
          ...{ operators, operatorMessages, redis, recordPlayer, drain: drainAsked.resolve },
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
  const slowSteps = new SlowSteps({ tickRate: config.tickRate, log, now: processClock.now });
  const scheduler = createScheduler(config.tickRate, log, (room, lateMs, tookMs) => {
    overload.addStep(lateMs, tookMs, processClock.now());
    metrics.recordStep(room, lateMs, tookMs);
    if (slowSteps.add(room, tookMs)) metrics.recordSlowStep(room);
    lateness.add(lateMs);
    overrides.onStep?.(room, lateMs, tookMs);
  });
  metrics.addDroppedTicks(() => scheduler.droppedTicks);
  const seats = new ListedSeats(shared.driver);
  const services = createRoomServices({
    ...{ config, scheduler, overload, seats, quotas, stores, algorithmOf, metrics, tracer, log, now, recordPlayer },
    clients,
    tickEvents: overrides.tickEvents ?? recordedBy(dataServices),
    admission: overrides.admission ?? api?.admission ?? tokenAdmission(tokens),
    matchmaking: () => components.matchmaking,
    moderators: moderatorsOf({ games, backends, log, storeOf: (game) => playerValuesIn(stores, game) }),
    watch: overrides.watch ?? noWatch,
  });
  const components: Components = {
    ...{ games, metrics, health, dataServices, shared, seats, limits, api, tokens, tracer, scheduler, overload },
    ...{ services, recordPlayer },
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

function openLimits(config: Config, redis: SharedState["redis"], secret: string): Limits {
  return new Limits({
    ...{ redis, namespace: config.namespace, secrets: [secret, ...config.jwtAcceptedSecrets] },
    ...{ joinsPerMinute: config.playerJoinsPerMinute, addressFactor: config.addressLimitFactor },
  });
}

function recordedBy(dataServices: DataServices | null): TickEvents {
  const { tickEvents = null, writer = null, tracer = noTracer } = dataServices ?? {};
  return tickEvents === null || writer === null ? noTickEvents : traceMatches(tickEvents, writer, tracer);
}

function createScheduler(tickRate: number, log: Logger, onStep: StepListener): TickScheduler {
  return new TickScheduler(tickRate, {
    onStep,
    onCloseFailed: (mode, err) =>
      log.error({ err, mode }, "a failed room could not be closed; it is no longer stepped"),
  });
}

const UNKNOWN = { name: null, rating: null, games: null } as const;

/** Admits everyone with a valid token, for a server without a store: no name, no rating. */
const tokenAdmission = (tokens: Tokens): Admission => ({
  identify: async (token) => ({ ...(await tokens.verify(token)), ...UNKNOWN }),
  identifyAgain: async (player) => ({ ...player, ...UNKNOWN }),
});

/** What RATING_ALGORITHM may name: a mode, for all games that have it, or `GAME.MODE`. */
function ratedNames(games: readonly Game[]): string[] {
  const modes = games.flatMap(({ name, modes }) => Object.keys(modes).map((mode) => ({ game: name, mode })));
  return [...new Set(modes.map(({ mode }) => mode)), ...modes.map(({ game, mode }) => `${game}.${mode}`)];
}
