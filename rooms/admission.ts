/**
 * Owns who may enter a match and with which options. It reads what the client sent, and gives back what the server says
 * instead; it seats nobody.
 */
import { type AuthContext, matchMaker } from "@colyseus/core";
import { type Refusal, refusals } from "../schema/codes.ts";
import { type AdmittedOptions, joinOptions, type MatchSource } from "../schema/joinOptions.ts";
import type { Game } from "../src/game/Game.ts";
import { Refused } from "./Refused.ts";
import type { Identity, RoomServices } from "./services.ts";

/** The door that a matchmaking request came through: `/matchmake/METHOD/ROOM`. */
function doorOf(context: AuthContext): { method: string; target: string } {
  const path = new URL(context.req.url, "http://localhost").pathname;
  const [method, target] = path.split("/").slice(-2);
  return { method, target };
}

/** Negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function readOptions(game: Game, raw: unknown): ReturnType<typeof joinOptions.parse> {
  const parsed = joinOptions.safeParse(raw);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new Refused("OPTIONS_INVALID", path.length > 0 ? `${path.join(".")}: ${message}` : message);
  }
  const { role, rulesVersion } = parsed.data;
  if (role !== undefined && role >= game.roles.length)
    throw new Refused("OPTIONS_INVALID", `role: ${role} was asked for, there are 0 to ${game.roles.length - 1}`);
  if (rulesVersion !== undefined) {
    const difference = compareVersions(rulesVersion, game.rules.version);
    if (difference !== 0)
      throw new Refused(
        difference < 0 ? "RULES_TOO_OLD" : "RULES_TOO_NEW",
        `the client plays rules ${rulesVersion}, this server ${game.rules.version}`,
      );
  }
  return parsed.data;
}

/** Mode, region and kind of the private match that `joinById` names. */
async function privateMatch(roomId: string): Promise<{ mode: string; region: string }> {
  const listing = await matchMaker.getRoomById(roomId);
  if (!listing?.private) throw new Refused("JOIN_BY_ID_REFUSED");
  return listing.metadata as { mode: string; region: string };
}

function modeOf(game: Game, mode: string | undefined): string {
  if (mode === undefined || !Object.hasOwn(game.modes, mode)) {
    const names = Object.keys(game.modes).join(", ");
    throw new Refused("MODE_UNKNOWN", `${JSON.stringify(mode ?? null)} was asked for, there are ${names}`);
  }
  return mode;
}

/** Options that have been admitted: the framework asks again, with the same object, when a room filled up meanwhile. */
const admittedBefore = new WeakSet<object>();

/**
 * Checks a matchmaking request, and replaces the content of `raw` by the admitted options: the framework matches, creates
 * and seats by that same object. Throws `Refused`.
 */
export function admit(
  game: Game,
  services: RoomServices,
  token: string | undefined,
  raw: Record<string, unknown>,
  context: AuthContext,
): Promise<Identity> {
  return check(game, services, token, raw, context).catch((error: unknown) => {
    services.refused(error instanceof Refused ? error.refusal : "ERROR");
    throw error;
  });
}

async function check(
  game: Game,
  services: RoomServices,
  token: string | undefined,
  raw: Record<string, unknown>,
  context: AuthContext,
): Promise<Identity> {
  if (admittedBefore.has(raw)) return identify(services, token, (raw as { mode: string }).mode);
  const { method, target } = doorOf(context);
  const wished = readOptions(game, raw);
  const known = method === "joinById" ? await privateMatch(target) : null;
  for (const key of ["mode", "region"] as const) {
    if (known !== null && wished[key] !== undefined && wished[key] !== known[key])
      throw new Refused("OPTIONS_INVALID", `${key}: the match is ${known[key]}, not ${wished[key]}`);
  }
  const mode = modeOf(game, known?.mode ?? wished.mode);
  const identity = await identify(services, token, mode);
  const source: MatchSource = method === "create" || method === "joinById" ? "private" : "arena";
  const admitted: AdmittedOptions = {
    mode,
    role: wished.role ?? null,
    region: known?.region ?? wished.region ?? services.region,
    rulesVersion: game.rules.version,
    name: wished.name ?? null,
    source,
    band: source === "arena" ? services.bandOf(identity.rating) : null,
  };
  for (const key of Object.keys(raw)) delete raw[key];
  Object.assign(raw, admitted);
  admittedBefore.add(raw);
  return identity;
}

async function identify(services: RoomServices, token: string | undefined, mode: string): Promise<Identity> {
  try {
    return await services.admission.identify(token, mode);
  } catch (error) {
    const { refusal } = error as { refusal?: string };
    if (refusal !== undefined && Object.hasOwn(refusals, refusal)) throw new Refused(refusal as Refusal);
    throw error;
  }
}
