/** Addresses inside the page: the part after the `#`, so that links, Back and bookmarks work. */
import type { Mode } from "../choice.ts";
import { isMode } from "../modes.ts";

export type Route =
  | { readonly screen: "menu" }
  | { readonly screen: "account" }
  | { readonly screen: "forgot" }
  /** Target of the link in the e-mail for a forgotten password. */
  | { readonly screen: "reset"; readonly token: string }
  /** Null: the page to create or join a party. */
  | { readonly screen: "party"; readonly code: string | null }
  | { readonly screen: "ranking"; readonly mode: Mode }
  /** Null: the player of this page. */
  | { readonly screen: "profile"; readonly playerId: string | null }
  | { readonly screen: "match"; readonly matchId: string };

/** Ids of players and matches. */
const ID = /^[A-Za-z0-9:._-]{1,64}$/;

const TOKEN = /^[\w-]{1,128}$/;

const CODE = /^[A-Z0-9]{8}$/;

/** An unknown address leads to the menu. Profiles are at `#record`. */
export function readRoute(hash: string): Route {
  const [screen, rest = ""] = hash.replace(/^#/, "").split("/");
  if (screen === "account" || screen === "forgot") return { screen };
  if (screen === "reset") return TOKEN.test(rest) ? { screen, token: rest } : { screen: "forgot" };
  if (screen === "party") return { screen, code: CODE.test(rest) ? rest : null };
  if (screen === "ranking") return { screen, mode: isMode(rest) ? rest : "duel" };
  if (screen === "record" && rest === "") return { screen: "profile", playerId: null };
  if (screen === "record" && ID.test(rest)) return { screen: "profile", playerId: rest };
  if (screen === "match" && ID.test(rest)) return { screen, matchId: rest };
  return { screen: "menu" };
}

export function linkTo(route: Route): string {
  if (route.screen === "menu") return "#";
  if (route.screen === "ranking") return `#ranking/${route.mode}`;
  if (route.screen === "match") return `#match/${route.matchId}`;
  if (route.screen === "profile") return route.playerId === null ? "#record" : `#record/${route.playerId}`;
  if (route.screen === "party" && route.code !== null) return `#party/${route.code}`;
  if (route.screen === "reset") return `#reset/${route.token}`;
  return `#${route.screen}`;
}
