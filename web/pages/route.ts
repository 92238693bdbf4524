/** Owns the addresses inside the page: what stands behind the `#`, so that links, Back and bookmarks work. Pure. */
import type { Mode } from "../choice.ts";
import { isMode } from "../modes.ts";

export type Route =
  | { readonly screen: "menu" }
  | { readonly screen: "account" }
  | { readonly screen: "forgot" }
  /** Where the link leads that is mailed for a forgotten password. */
  | { readonly screen: "reset"; readonly token: string }
  /** Without a code: where one is made or named. */
  | { readonly screen: "party"; readonly code: string | null }
  | { readonly screen: "ranking"; readonly mode: Mode }
  /** Without an id: of whoever plays here. */
  | { readonly screen: "record"; readonly playerId: string | null }
  | { readonly screen: "match"; readonly matchId: string };

/** Of what the server can call a player or a match. */
const ID = /^[A-Za-z0-9:._-]{1,64}$/;

const TOKEN = /^[\w-]{1,128}$/;

const CODE = /^[A-Z0-9]{8}$/;

/** Anything that is no address of the page's leads to the menu. */
export function readRoute(hash: string): Route {
  const [screen, rest = ""] = hash.replace(/^#/, "").split("/");
  if (screen === "account" || screen === "forgot") return { screen };
  if (screen === "reset") return TOKEN.test(rest) ? { screen, token: rest } : { screen: "forgot" };
  if (screen === "party") return { screen, code: CODE.test(rest) ? rest : null };
  if (screen === "ranking") return { screen, mode: isMode(rest) ? rest : "duel" };
  if (screen === "record" && rest === "") return { screen, playerId: null };
  if (screen === "record" && ID.test(rest)) return { screen, playerId: rest };
  if (screen === "match" && ID.test(rest)) return { screen, matchId: rest };
  return { screen: "menu" };
}

export function linkTo(route: Route): string {
  if (route.screen === "menu") return "#";
  if (route.screen === "ranking") return `#ranking/${route.mode}`;
  if (route.screen === "match") return `#match/${route.matchId}`;
  if (route.screen === "record" && route.playerId !== null) return `#record/${route.playerId}`;
  if (route.screen === "party" && route.code !== null) return `#party/${route.code}`;
  if (route.screen === "reset") return `#reset/${route.token}`;
  return `#${route.screen}`;
}
