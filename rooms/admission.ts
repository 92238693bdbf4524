/** Decides who may enter a match: checks the options that the client sent, and completes them. It does not seat the player. */
import { type AuthContext, matchMaker } from "@colyseus/core";
import { type AdmittedOptions, joinOptions, type MatchSource } from "../schema/joinOptions.ts";
import type { Game } from "../src/game/Game.ts";
import type { SeatedMatch } from "../src/matchmaking/seats/PlayerSeats.ts";
import type { Identity } from "../src/players/identity/Admission.ts";
import {
  admittedBefore,
  admitWith,
  checkMode,
  checkRoleAndRules,
  checkRules,
  gameOptionsOf,
  identify,
  isReturning,
  readOptions,
  regionOf,
  requestTarget,
  traceOf,
} from "./joinRequest.ts";
import { claimSeat, requesterOf, withinQuota } from "./quotas.ts";
import { Refused } from "./Refused.ts";
import type { RoomServices } from "./services.ts";
import { admitSpectator, checkMatch, type ListedMatch } from "./spectatorAdmission.ts";

/** Returns mode and region of the private match with this room id. Rejects with `Refused` if there is none. */
async function privateMatch(roomId: string): Promise<ListedMatch> {
  const listing = await matchMaker.getRoomById(roomId);
  if (!listing?.private) throw new Refused("JOIN_BY_ID_REFUSED");
  return listing.metadata as ListedMatch;
}

/**
 * Checks a matchmaking request. Replaces the content of `raw` with the admitted options, because the framework uses that same
 * object to find and create rooms and to seat clients. Rejects with `Refused`.
 */
export function admit(
  game: Game,
  services: RoomServices,
  token: string | undefined,
  raw: Record<string, unknown>,
  context: AuthContext,
): Promise<Identity> {
  return check(game, services, token, raw, context).catch((error: unknown) => {
    services.onRefused(error instanceof Refused ? error.refusal : "ERROR");
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
  const before = admittedBefore(raw);
  if (before !== undefined) return before;
  const { method, target } = requestTarget(context);
  const requested = readOptions(joinOptions, raw);
  checkRoleAndRules(game, requested);
  if (requested.spectate === true) return admitSpectator(game, services, token, raw, context, requested);
  const options = gameOptionsOf(game, requested);
  const privateRoom = method === "joinById" ? await privateMatch(target) : null;
  if (privateRoom !== null) checkMatch(requested, privateRoom);
  const mode = privateRoom?.mode ?? requested.mode;
  const region = privateRoom?.region ?? regionOf(services.regions, requested.region);
  checkMode(game, mode);
  const ladder = { game: game.name, mode };
  const identity = await identify(services.admission, token, ladder, isReturning(context) ? "admitted" : "new");
  const requester = requesterOf(identity, context);
  const source: MatchSource = method === "create" || method === "joinById" ? "private" : "arena";
  const seats = method === "create" ? [] : await services.seats.find(identity.playerId);
  const own = seats.find(({ game: name, mode: other, roomId }) =>
    method === "joinById" ? roomId === target : name === game.name && other === mode,
  );
  if (source === "arena" && seats.length > 0 && own === undefined) throw seatedElsewhere(seats[0]);
  if (own === undefined && isReturning(context)) throw new Refused("SERVER_BUSY");
  if (own !== undefined) checkRules(requested.rulesVersion ?? own.rulesVersion, own.rulesVersion, "the match");
  // A room that the player creates is counted as a room now. The player's seat in it is counted only once the player takes it.
  if (method === "create") await withinQuota(services.quotas.check("seats", requester));
  const seatClaim =
    method === "create" || own !== undefined ? undefined : await claimSeat(services.quotas, requester, raw);
  const admitted: AdmittedOptions = {
    ...{ requester, seatClaim },
    trace: traceOf(context, services.now()),
    mode,
    role: requested.role ?? null,
    region,
    rulesVersion: game.rules.version,
    name: requested.name ?? null,
    options,
    source,
    band: source === "arena" ? services.bandOf(identity.rating) : null,
    ...(own !== undefined && { returnTo: own.roomId }),
  };
  return admitWith(raw, admitted, identity);
}

const seatedElsewhere = ({ game, mode, roomId }: SeatedMatch): Refused =>
  new Refused(
    "ALREADY_SEATED",
    `the player has a seat in room ${roomId} (${game}, ${mode}); leave it, or join its mode`,
  );
