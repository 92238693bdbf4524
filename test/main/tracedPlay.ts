/** A program with `--games` of the chaos suites, and players whose matches it traces. */
import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Client, Room } from "@colyseus/sdk";
import { guest } from "../chaos/Player.ts";
import type { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";

export const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const WITHIN_MS = 120_000;

/** Resolves with the match id once the match has ended for all who play it. */
async function untilEnded(rooms: readonly Room<any, any>[]): Promise<string> {
  let matchId = "";
  await Promise.all(
    rooms.map(async (room) => {
      room.onMessage("facts", () => {});
      room.reconnection.enabled = false;
      await new Promise<void>((resolve) => {
        room.onLeave(() => resolve());
        room.onStateChange((state: any) => {
          matchId = state.matchId;
          if (state.phase === "ended") resolve();
        });
      });
      void room.leave();
    }),
  );
  return matchId;
}

/** A bot may get the second seat, so the match may be unrated. */
export async function playOpenMatch({ url }: Program): Promise<string> {
  const client = await guest(url);
  return untilEnded([await untilAccepted(() => client.joinOrCreate<any>("arena", { mode: "duel" }))]);
}

async function takeSeat(client: Client): Promise<Room<any, any>> {
  const queue = await untilAccepted(() => client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo" }));
  const closed = new Promise<number>((resolve) => queue.onLeave(resolve));
  const seat = await new Promise<any>((resolve) => queue.onMessage("seat", resolve));
  const room = await client.consumeSeatReservation<any>(seat);
  queue.send("confirm");
  await closed;
  return room;
}

/** Two players play a match of the queue, which is rated. Resolves with the match id once the ranking contains it. */
export async function playRankedMatch({ url }: Program): Promise<string> {
  const clients = [await guest(url), await guest(url)];
  const matchId = await untilEnded(await Promise.all(clients.map(takeSeat)));
  await until("the ranking", async () => {
    const answer = await fetch(`${url}/api/v1/rankings?mode=duel`);
    return answer.ok && ((await answer.json()) as { total: number }).total === 2;
  });
  return matchId;
}

export async function untilStored({ url }: Program, matchId: string): Promise<void> {
  await until("the match", async () => (await fetch(`${url}/api/v1/matches/${matchId}`)).ok);
}

export async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + WITHIN_MS; !(await done()); await pause(100))
    assert.ok(performance.now() < deadline, `${what} not within ${WITHIN_MS} ms`);
}
