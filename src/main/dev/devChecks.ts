import { devGame } from "../../game/devGame.ts";
import type { Game } from "../../game/Game.ts";

/** Variable that `npm run dev` sets for its server. */
export const DEV_CHECKS = "HYPOGEUM_DEV";

/** The games with the checks of `npm run dev` if it started this process. */
export function withDevChecks(
  games: readonly Game[],
  env: Readonly<Record<string, string>>,
  report: (line: string) => void,
): readonly Game[] {
  return env[DEV_CHECKS] === "1" ? games.map((game) => devGame(game, report)) : games;
}
