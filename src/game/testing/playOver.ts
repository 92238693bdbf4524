/** Plays one match over sockets, with the stock SDK, on a server that runs. */
import { setTimeout as pause, setImmediate } from "node:timers/promises";
import type { Schema } from "@colyseus/schema";
import { Client, type Room } from "@colyseus/sdk";
import type { MatchResult } from "../../../schema/restAnswers.ts";
import type { Game, GameRules, MatchStateShape, PlayerStateShape } from "../Game.ts";
import { ClientOver, type ClientResult } from "./ClientOver.ts";
import type { FrameFields } from "./writeFrame.ts";

export interface PlayOverOptions<S> {
  readonly mode: string;
  /** Number of clients; one for each seat if omitted. Bots take the other seats when the mode's `waitMs` has passed. */
  readonly clients?: number;
  /** Returns the input that a client sends for a state that it has received; nothing for none. `sessionId` is its key in `players`. */
  play?(state: S, sessionId: string, client: number): FrameFields | undefined;
  /** Further join options, such as `role`. */
  readonly join?: Readonly<Record<string, unknown>>;
  /** How long all of it may take; 120,000 ms if omitted. */
  readonly withinMs?: number;
}

export interface PlayedOver<S> {
  readonly matchId: string;
  readonly clients: readonly ClientResult<S>[];
  /** Resolves to the recorded result, as soon as REST returns it. Rejects after `withinMs`. */
  result(): Promise<MatchResult>;
}

const POLL_MS = 100;

/**
 * Signs in as new anonymous players, plays a private match of `game` to its end with their frames, and disconnects them:
 *
 * ```ts
 * const { clients, result } = await playOver("http://localhost:2567", tag, { mode: "pair", play: () => ({ dx: 127 }) });
 * ```
 *
 * Rejects if a player cannot join, is disconnected before the end, or if the match does not end within `withinMs`.
 */
export async function playOver<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
>(url: string, game: Game<W, R, S, P, any>, options: PlayOverOptions<S>): Promise<PlayedOver<S>> {
  const { mode, play = () => undefined, join = {}, withinMs = 120_000 } = options;
  const signal = AbortSignal.timeout(withinMs);
  const joined: ClientOver<S>[] = [];
  try {
    const players = options.clients ?? game.modes[mode].teams.length;
    for (let number = 0; number < players; number++) {
      const by = await signedIn(url);
      const room: Room<any, any> =
        number === 0
          ? await by.create<any>(game.name, { ...join, mode })
          : await by.joinById<any>(joined[0].room.roomId, { ...join });
      joined.push(new ClientOver<S>(room, (state) => play(state, room.sessionId, number)));
    }
    await Promise.all(joined.map((client) => client.ended(signal)));
    const [{ state }] = joined;
    const { matchId } = state;
    return {
      matchId,
      clients: joined.map((client) => client.received),
      result: () => readResult(url, matchId, withinMs),
    };
  } finally {
    await Promise.all(joined.map((client) => client.leave()));
  }
}

async function signedIn(url: string): Promise<Client> {
  const client = new Client(url);
  // Outside a browser, the SDK keeps one token for all clients of the process, and assigns it asynchronously.
  await setImmediate();
  client.auth.token = undefined as never;
  await client.auth.signInAnonymously();
  return client;
}

async function readResult(url: string, matchId: string, withinMs: number): Promise<MatchResult> {
  const signal = AbortSignal.timeout(withinMs);
  for (;;) {
    const answer = await fetch(new URL(`/api/v1/matches/${matchId}`, url), { signal });
    const body = await answer.json();
    if (answer.ok) return body as MatchResult;
    await pause(POLL_MS, undefined, { signal });
  }
}
