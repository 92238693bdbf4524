/** Checks what a game returns about its world. Each function returns what is wrong, or null. */

import { isFrom, notExpected, type Values } from "./checks/refusal.ts";
import { END_REASONS } from "./endReasons.ts";
import { MATCH_PHASES } from "./Game.ts";
import { describeValue, isPromise, type Problem } from "./GameFault.ts";

const UINT32_MAX = 0xffffffff;

const listed = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(", ");
const isInt32 = (value: unknown): value is number => typeof value === "number" && (value | 0) === value;

function wrong(name: string, value: unknown, expected: string, remedy: string): Problem {
  return { what: `${name} ${notExpected(value, expected)}`, remedy };
}

/** Also silences a promise, because its rejection would end the process. */
export function problemOfPromise(value: unknown): Problem | null {
  if (!isPromise(value)) return null;
  (value as Promise<unknown>).then(
    () => {},
    () => {},
  );
  return {
    what: "returned a promise, expected that everything is done when it returns",
    remedy: "remove async and await, because a step waits for nothing",
  };
}

/** For a function that returns nothing. */
export function problemOfNothing(value: unknown): Problem | null {
  if (value === undefined) return null;
  return (
    problemOfPromise(value) ?? {
      what: `returned ${describeValue(value)}, expected nothing`,
      remedy: "remove its return; a step writes facts with emit, and no function of a game is a generator",
    }
  );
}

export function problemOfWorld(world: unknown): Problem | null {
  const promise = problemOfPromise(world);
  if (promise !== null || (typeof world === "object" && world !== null)) return promise;
  return { what: `returned ${describeValue(world)}, expected a world`, remedy: "return the object that step changes" };
}

/**
 * @param tick The number of steps so far.
 * @param endReasons Those of the game.
 */
export function problemOfStatus(status: unknown, tick: number, endReasons: readonly string[]): Problem | null {
  const shape = problemOfObject(status, "{ tick, phase, endsAtTick, endReason }");
  if (shape !== null) return shape;
  const { tick: shown, phase, endsAtTick, endReason } = status as Values;
  if (shown !== tick)
    return wrong("tick", shown, `${tick}`, "begin at 0 and add 1 in every step, also in the phase waiting");
  if (!MATCH_PHASES.includes(phase as never))
    return wrong("phase", phase, `one of ${listed(MATCH_PHASES)}`, "use the nearest of these phases");
  if (!isFrom(endsAtTick, 0, UINT32_MAX))
    return wrong("endsAtTick", endsAtTick, `a tick from 0 to ${UINT32_MAX}`, "use 0 while the end is unknown");
  if (phase !== "ended" && endReason !== null)
    return wrong("endReason", endReason, `null in the phase ${phase}`, "set it in the step that ends the match");
  const reasons = [...END_REASONS, ...endReasons];
  if (phase === "ended" && !reasons.includes(endReason as never))
    return wrong("endReason", endReason, `one of ${listed(reasons)}`, END_REMEDY);
  return null;
}

/** @param teams The team of each seat. */
export function problemOfResult(result: unknown, teams: readonly number[]): Problem | null {
  const shape = problemOfObject(result, "{ standings, teamScores }");
  if (shape !== null) return shape;
  const { standings, teamScores } = result as Values;
  if (!Array.isArray(standings) || standings.length !== teams.length)
    return wrong("standings", standings, `an array with one entry for each of the ${teams.length} seats`, SEATS_REMEDY);
  for (const [seat, standing] of standings.entries()) {
    const problem = problemOfStanding(standing, seat, teams);
    if (problem !== null) return problem;
  }
  if (!standings.some(({ place }) => place === 1))
    return { what: "no standing has place 1, expected at least one", remedy: "count places from 1, which is best" };
  return problemOfTeamScores(teamScores, Math.max(...teams) + 1);
}

function problemOfStanding(standing: unknown, seat: number, teams: readonly number[]): Problem | null {
  const name = `standings[${seat}]`;
  if (typeof standing !== "object" || standing === null)
    return wrong(name, standing, "{ seat, team, place, score, kills, deaths }", SEATS_REMEDY);
  const { seat: shown, team, place, score, kills, deaths } = standing as Values;
  if (shown !== seat) return wrong(`${name}.seat`, shown, `${seat}`, SEATS_REMEDY);
  if (team !== teams[seat])
    return wrong(`${name}.team`, team, `${teams[seat]}`, "use the team that modes gives to the seat");
  if (!isFrom(place, 1, teams.length))
    return wrong(
      `${name}.place`,
      place,
      `a whole number from 1 to ${teams.length}`,
      "count places from 1, which is best",
    );
  if (!isInt32(score)) return wrong(`${name}.score`, score, "a whole number of at most 32 bits", SCORE_REMEDY);
  for (const [field, count] of [
    ["kills", kills],
    ["deaths", deaths],
  ])
    if (!isInt32(count) || count < 0)
      return wrong(`${name}.${field}`, count, "a whole number from 0, at most 31 bits", "use 0 in a game without them");
  return null;
}

function problemOfTeamScores(scores: unknown, count: number): Problem | null {
  if (!Array.isArray(scores) || scores.length !== count)
    return wrong("teamScores", scores, `an array of length ${count}`, "return one score for each team");
  const at = scores.findIndex((score) => !isInt32(score));
  return at < 0 ? null : wrong(`teamScores[${at}]`, scores[at], "a whole number of at most 32 bits", SCORE_REMEDY);
}

export function problemOfSaved(bytes: unknown): Problem | null {
  if (bytes instanceof Uint8Array) return null;
  const what = `returned ${describeValue(bytes)}, expected a Uint8Array`;
  return problemOfPromise(bytes) ?? { what, remedy: "return the whole world as bytes" };
}

export function problemOfHash(hash: unknown): Problem | null {
  if (typeof hash === "string" && /^[0-9a-f]{16}$/.test(hash)) return null;
  return (
    problemOfPromise(hash) ?? {
      what: `returned ${describeValue(hash)}, expected 16 hex digits in lower case`,
      remedy: "hash the whole world to 64 bits, and pad with zeros",
    }
  );
}

function problemOfObject(value: unknown, shape: string): Problem | null {
  const promise = problemOfPromise(value);
  if (promise !== null || (typeof value === "object" && value !== null)) return promise;
  return { what: `returned ${describeValue(value)}, expected ${shape}`, remedy: "return an object with these fields" };
}

const SEATS_REMEDY = "return one standing for each seat of the mode, in the order of seats, also for empty seats";
const END_REMEDY = "set it in the step that ends the match, and declare reasons of your own in endReasons";
const SCORE_REMEDY = "round it with Math.trunc, or count in a smaller unit";
