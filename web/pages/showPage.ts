import type { Account } from "../net/Account.ts";
import type { Rest } from "../net/Rest.ts";
import { showAccount } from "./account.ts";
import { showMatch } from "./match.ts";
import { showForgot, showReset } from "./password.ts";
import { showProfile } from "./profile.ts";
import { showRanking } from "./ranking.ts";
import type { Route } from "./route.ts";

interface PageServices {
  readonly rest: Rest;
  readonly account: Account;
  /** The name of the guest. */
  readonly guestName: string;
  /** What was just done on the account page; empty for nothing. */
  readonly message: string;
  /** Called after the player signed in or out, or changed the name. */
  accountChanged(message: string): void;
}

type PageRoute = Exclude<Route, { readonly screen: "menu" | "party" }>;

export function showPage(screen: HTMLElement, route: PageRoute, services: PageServices): void {
  const { rest, account, guestName, message, accountChanged } = services;
  const ownId = account.user?.id ?? null;
  if (route.screen === "account") showAccount(screen, { account, guestName, message, changed: accountChanged });
  else if (route.screen === "forgot") showForgot(screen, { account, message, changed: accountChanged });
  else if (route.screen === "reset") showReset(screen, route.token, { account, message, changed: accountChanged });
  else if (route.screen === "ranking") showRanking(screen, rest, route.mode, ownId);
  else if (route.screen === "match") showMatch(screen, rest, route.matchId, ownId);
  else if (route.playerId !== null) showProfile(screen, rest, async () => route.playerId, route.playerId === ownId);
  else showProfile(screen, rest, async () => (await account.identify())?.id ?? null, true);
}
