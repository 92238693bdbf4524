/** Checks the modes of a game. */
import { isFrom, isObject, notExpected, type Refuse, type Values } from "./refusal.ts";

const SEATS_MAX = 255;
/** The limit of joins, and of the queue. */
const MODE_NAME = /^[a-z][A-Za-z0-9_-]{0,31}$/;
const MS_MAX = 0x7fffffff;
const LEAVES: readonly unknown[] = ["bot", "end"];
const SPECTATORS: readonly unknown[] = [undefined, "anyone", "invited", "none"];
const EXAMPLE = '{ duel: { teams: [0, 1], waitMs: 5000, onLeave: "end" } }';

export function checkModes(refuse: Refuse, modes: unknown, roles: readonly string[]): void {
  if (!isObject(modes)) refuse("modes", notExpected(modes, "an object"), `set it as in modes: ${EXAMPLE}`);
  const entries = Object.entries(modes);
  if (entries.length === 0) refuse("modes", "is empty, expected at least one mode", `add one, as in modes: ${EXAMPLE}`);
  for (const [name, mode] of entries) {
    if (!MODE_NAME.test(name) || name in Object.prototype)
      refuse(
        `modes, name ${JSON.stringify(name)}`,
        "expected a lower-case letter, then letters, digits, _ and -, at most 32 in all",
        "rename the mode",
      );
    checkMode(refuse, `modes.${name}`, mode, roles.length);
  }
}

function checkMode(refuse: Refuse, place: string, mode: unknown, roles: number): void {
  if (!isObject(mode)) refuse(place, notExpected(mode, "an object"), `declare the modes as in modes: ${EXAMPLE}`);
  checkTeams(refuse, `${place}.teams`, mode.teams);
  checkTimes(refuse, place, mode);
  if (!LEAVES.includes(mode.onLeave))
    refuse(
      `${place}.onLeave`,
      notExpected(mode.onLeave, '"bot" or "end"'),
      'set "bot" if a bot takes the seat of a player who leaves, "end" if the match ends',
    );
  if (mode.roleMax !== undefined) checkRoleMax(refuse, `${place}.roleMax`, mode.roleMax, roles);
  if (!SPECTATORS.includes(mode.spectators))
    refuse(
      `${place}.spectators`,
      notExpected(mode.spectators, '"anyone", "invited" or "none"'),
      'set who may watch a match, or remove spectators for "invited": only private matches, with their code',
    );
}

function checkTeams(refuse: Refuse, place: string, teams: unknown): void {
  const remedy = "list the team number of each seat, from 0, as in teams: [0, 0, 1, 1]";
  if (!Array.isArray(teams) || teams.length < 1 || teams.length > SEATS_MAX)
    refuse(place, notExpected(teams, `an array with one team for each of 1 to ${SEATS_MAX} seats`), remedy);
  for (const [seat, team] of teams.entries())
    if (!isFrom(team, 0, SEATS_MAX - 1))
      refuse(`${place}[${seat}]`, notExpected(team, `a whole number from 0 to ${SEATS_MAX - 1}`), remedy);
  for (let team = 0; team <= Math.max(...teams); team++)
    if (!teams.includes(team)) refuse(place, `has no seat of team ${team}`, "number the teams from 0 without a gap");
}

function checkTimes(refuse: Refuse, place: string, mode: Values): void {
  for (const [field, remedy] of [
    ["waitMs", "set how long a match waits for players, as in waitMs: 5000, or 0 to wait for none"],
    ["ratedMinMs", "set how long a rated match must be played to count, or remove it for 30000"],
  ] as const) {
    if (field === "ratedMinMs" && mode[field] === undefined) continue;
    if (!isFrom(mode[field], 0, MS_MAX))
      refuse(`${place}.${field}`, notExpected(mode[field], `a whole number of ms from 0 to ${MS_MAX}`), remedy);
  }
}

function checkRoleMax(refuse: Refuse, place: string, roleMax: unknown, roles: number): void {
  const remedy = "set the most players of each role in one team, or remove roleMax to permit any mix";
  if (!Array.isArray(roleMax) || roleMax.length !== roles)
    refuse(place, notExpected(roleMax, `an array with one entry for each of the ${roles} roles`), remedy);
  for (const [role, most] of roleMax.entries())
    if (!isFrom(most, 1, SEATS_MAX))
      refuse(`${place}[${role}]`, notExpected(most, `a whole number from 1 to ${SEATS_MAX}`), remedy);
}
