/** Owns which page beside the game stands for which address. */
import type { Account } from "../net/Account.ts";
import type { Rest } from "../net/Rest.ts";
import { showAccount } from "./account.ts";
import { showMatch } from "./match.ts";
import { showForgot, showReset } from "./password.ts";
import { showRanking } from "./ranking.ts";
import { showRecord } from "./record.ts";
import type { Route } from "./route.ts";

interface PageServices {
  readonly rest: Rest;
  readonly account: Account;
  /** The name under which a guest plays. */
  readonly guestName: string;
  /** What was just done on the account page; empty for nothing. */
  readonly said: string;
  /** Somebody signed in or out, or took another name. */
  accountChanged(said: string): void;
}

type PageRoute = Exclude<Route, { readonly screen: "menu" | "party" }>;

export function showPage(screen: HTMLElement, route: PageRoute, services: PageServices): void {
  const { rest, account, guestName, said, accountChanged } = services;
  const ownId = account.user?.id ?? null;
  if (route.screen === "account") showAccount(screen, { account, guestName, said, changed: accountChanged });
  else if (route.screen === "forgot") showForgot(screen, { account, said, changed: accountChanged });
  else if (route.screen === "reset") showReset(screen, route.token, { account, said, changed: accountChanged });
  else if (route.screen === "ranking") showRanking(screen, rest, route.mode, ownId);
  else if (route.screen === "match") showMatch(screen, rest, route.matchId, ownId);
  else if (route.playerId !== null) showRecord(screen, rest, async () => route.playerId, route.playerId === ownId);
  else showRecord(screen, rest, async () => (await account.find())?.id ?? null, true);
}
