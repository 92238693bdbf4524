/** The checks of a matchmaking request that all rooms share: options, mode, role, rules version and token. */
import type { AuthContext } from "@colyseus/core";
import type * as z from "zod";
import { type RefusalName, refusals } from "../schema/codes.ts";
import type { GameOptions, RequestTrace } from "../schema/joinOptions.ts";
import type { Game } from "../src/game/Game.ts";
import { readJoinOptions } from "../src/game/readJoinOptions.ts";
import type { Admission, AdmissionFrom, Identity, KnownPlayer } from "../src/players/identity/Admission.ts";
import type { Ladder } from "../src/players/rating/Ladder.ts";
import { Refused } from "./Refused.ts";

/** Parses the request path `/matchmake/METHOD/TARGET`. METHOD is `create`, `joinById`, …; TARGET is a room name or id. */
export function requestTarget(context: AuthContext): { readonly method: string; readonly target: string } {
  const path = new URL(context.req.url, "http://localhost").pathname;
  const [method, target] = path.split("/").slice(-2);
  return { method, target };
}

/** Returns the options. If one is invalid, throws a `Refused` that names the first invalid one. */
export function readOptions<T>(shape: z.ZodType<T>, raw: unknown): T {
  const parsed = shape.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new Refused("OPTIONS_INVALID", path.length > 0 ? `${path.join(".")}: ${message}` : message);
}

/** Returns the requested game; the first of `games` if none is requested. Throws `Refused` for a game that is not in `games`. */
export function gameOf(games: readonly Game[], requested: string | undefined): Game {
  const game = requested === undefined ? games[0] : games.find(({ name }) => name === requested);
  if (game !== undefined) return game;
  const names = games.map(({ name }) => name).join(", ");
  throw new Refused("OPTIONS_INVALID", `unknown game ${JSON.stringify(requested)}: expected one of ${names}`);
}

/** Throws `Refused` if the game has no such mode. */
export function checkMode(game: Game, mode: string | undefined): asserts mode is string {
  if (mode !== undefined && Object.hasOwn(game.modes, mode)) return;
  const names = Object.keys(game.modes).join(", ");
  const problem = mode === undefined ? "missing mode" : `unknown mode ${JSON.stringify(mode)}`;
  throw new Refused("MODE_UNKNOWN", `${problem}: expected one of ${names}`);
}

/**
 * Returns the requested region; the first of `regions` if none is requested. Throws `Refused` for a region that is not in
 * `regions`.
 */
export function regionOf(regions: readonly string[], requested: string | undefined): string {
  if (requested === undefined) return regions[0];
  if (regions.includes(requested)) return requested;
  throw new Refused("OPTIONS_INVALID", `unknown region "${requested}": expected one of ${regions.join(", ")}`);
}

/** Throws `Refused` if the game has no such role, or has a different rules version. */
export function checkRoleAndRules(game: Game, options: { role?: number; rulesVersion?: string }): void {
  const { role, rulesVersion = game.rules.version } = options;
  if (role !== undefined && role >= game.roles.length)
    throw new Refused("OPTIONS_INVALID", `invalid role ${role}: expected 0 to ${game.roles.length - 1}`);
  checkRules(rulesVersion, game.rules.version, "this server");
}

/**
 * Returns the game's own options, with defaults for those that the client did not choose; undefined for a game without options. Throws
 * `Refused` for options that the game does not declare so.
 */
export function gameOptionsOf(game: Game, { options }: { readonly options?: GameOptions }): GameOptions | undefined {
  const read = readJoinOptions(game, options);
  if ("problem" in read) throw new Refused("OPTIONS_INVALID", read.problem);
  return read.values;
}

/** Throws `Refused` if the client's rules version differs from that of `other`, a server or match. */
export function checkRules(ofClient: string, version: string, other: string): void {
  const difference = compareVersions(ofClient, version);
  if (difference === 0) return;
  const detail = `the client has rules version ${ofClient}, ${other} ${version}`;
  throw new Refused(difference < 0 ? "RULES_TOO_OLD" : "RULES_TOO_NEW", detail);
}

/** Returns a negative number if `a` is older than `b`, 0 if they are equal. */
function compareVersions(a: string, b: string): number {
  const partsOfA = a.split(".").map(Number);
  const partsOfB = b.split(".").map(Number);
  for (let i = 0; i < Math.max(partsOfA.length, partsOfB.length); i++) {
    const difference = (partsOfA[i] ?? 0) - (partsOfB[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Returns the player of a token. Rejects with `Refused` if the token is missing or invalid, the player is banned, or the process
 * is at capacity.
 */
export function identify(
  admission: Admission,
  token: string | undefined,
  ladder: Ladder,
  from: AdmissionFrom = "new",
): Promise<Identity> {
  return admission.identify(token, ladder, from).catch(refuse);
}

/** The same for a player who was identified earlier. */
export function identifyAgain(admission: Admission, player: KnownPlayer, ladder: Ladder): Promise<Identity> {
  return admission.identifyAgain(player, ladder).catch(refuse);
}

function refuse(error: { readonly refusal?: string }): never {
  const { refusal } = error;
  if (refusal !== undefined && Object.hasOwn(refusals, refusal)) throw new Refused(refusal as RefusalName);
  throw error;
}

/** Requests that were let through although the process is at capacity, because their players have a seat. */
const returning = new WeakSet<object>();

/** Notes that `request` is let through although the process is at capacity. */
export const markReturning = (request: object): void => void returning.add(request);
export const isReturning = ({ req }: AuthContext): boolean => typeof req === "object" && returning.has(req);

/** The ids of the traces of requests. */
const traces = new WeakMap<object, string>();

/** Notes that `request` is traced under this UUID. */
export const markTrace = (request: object, id: string): void => void traces.set(request, id);

/** `now`: Unix ms. Undefined if the request is not traced. */
export function traceOf({ req }: AuthContext, now: number): RequestTrace | undefined {
  const id = typeof req === "object" ? traces.get(req) : undefined;
  return id === undefined ? undefined : { id, admittedAt: now };
}

/** Players who have been admitted, by the options object of their request. */
const admitted = new WeakMap<object, Identity>();

/**
 * Returns the player who was admitted with the options object `raw`; undefined for a new request. Whenever the framework searches
 * for a room again, it calls `onAuth` again with the same object. To identify the player again would count them twice in the
 * overload check, or refuse them in a rush.
 */
export const admittedBefore = (raw: object): Identity | undefined => admitted.get(raw);

/**
 * Marks the request with the options object `raw` as admitted, and returns `identity`. Replaces the content of `raw` with the
 * checked options, because the framework uses that same object to find and create rooms and to seat clients.
 */
export function admitWith<I extends Identity>(raw: Record<string, unknown>, options: object, identity: I): I {
  for (const key of Object.keys(raw)) delete raw[key];
  for (const [key, value] of Object.entries(options)) if (value !== undefined) raw[key] = value;
  admitted.set(raw, identity);
  return identity;
}

/** Returns the refusal for an error of the queue. */
export function queueRefusal(error: unknown): Refused {
  const { name, seconds } = error as { name: string; seconds?: number };
  if (name !== "QueueCooldown") return new Refused("QUEUE_UNAVAILABLE");
  const meaning = "a player left a found match a short time ago";
  return new Refused("QUEUE_COOLDOWN", `${meaning}; they may queue again in ${seconds} s`, seconds);
}
