/** Decides who may watch a match: checks the options of `joinById(roomId, { spectate: true })`, and completes them. */
import { type AuthContext, matchMaker } from "@colyseus/core";
import type { RefusalName } from "../schema/codes.ts";
import type { AdmittedOptions, JoinOptions } from "../schema/joinOptions.ts";
import type { SeatReservation } from "../schema/queueRequests.ts";
import type { Game } from "../src/game/Game.ts";
import type { Identity } from "../src/players/identity/Admission.ts";
import { admitWith, checkMode, checkRules, identify, isReturning, requestTarget } from "./joinRequest.ts";
import { requesterOf } from "./quotas.ts";
import { Refused } from "./Refused.ts";
import type { RoomServices } from "./services.ts";

/** What the listing of a match tells about it. */
export interface ListedMatch {
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
}

/** Throws `Refused` if the client named another mode or region than that of the match. */
export function checkMatch(requested: JoinOptions, match: ListedMatch): void {
  for (const key of ["mode", "region"] as const)
    if (requested[key] !== undefined && requested[key] !== match[key])
      throw new Refused("OPTIONS_INVALID", `invalid ${key} "${requested[key]}": this match has "${match[key]}"`);
}

/** As `admit` for players; `requested` are the checked options of the client. Rejects with `Refused`. */
export async function admitSpectator(
  game: Game,
  services: RoomServices,
  token: string | undefined,
  raw: Record<string, unknown>,
  context: AuthContext,
  requested: JoinOptions,
): Promise<Identity> {
  const { method, target } = requestTarget(context);
  if (method !== "joinById")
    throw new Refused("OPTIONS_INVALID", `spectate: expected no such option for ${method}; watch by joinById(roomId)`);
  const match = await watchedMatch(game, target);
  checkMatch(requested, match);
  checkRules(requested.rulesVersion ?? match.rulesVersion, match.rulesVersion, "the match");
  const { mode, region, rulesVersion } = match;
  // A process at capacity admits only players who return to their seat.
  if (isReturning(context)) throw new Refused("SERVER_BUSY");
  const identity = await identify(services.admission, token, { game: game.name, mode });
  const admitted: AdmittedOptions = {
    ...{ mode, region, rulesVersion, role: null, name: null, source: "private", band: null },
    requester: requesterOf(identity, context),
    spectate: true,
  };
  return admitWith(raw, admitted, identity);
}

/** Returns the match with this room id. Rejects with `Refused` if its mode does not allow spectators in it. */
async function watchedMatch(game: Game, roomId: string): Promise<ListedMatch> {
  const listing = await matchMaker.getRoomById(roomId);
  if (listing === undefined) throw new Refused("MATCH_ENDED");
  const match = listing.metadata as ListedMatch;
  checkMode(game, match.mode);
  const { spectators = "invited" } = game.modes[match.mode];
  if (spectators === "anyone" || (spectators === "invited" && listing.private)) return match;
  const rule =
    spectators === "none" ? "nobody may watch this mode" : "only private matches of this mode can be watched";
  throw new Refused("SPECTATORS_REFUSED", rule);
}

/** Returns the reserved place, or throws `Refused` with the refusal with which the room answered. */
export function spectatorPlace(services: RoomServices, answer: SeatReservation | RefusalName): SeatReservation {
  if (typeof answer !== "string") return answer;
  services.onRefused(answer);
  throw new Refused(answer);
}
