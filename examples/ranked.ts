/**
 * A client for ranked duels on the unmodified Colyseus SDK: it queues, takes its seat and confirms. If a player leaves before the
 * match starts, it queues again. As in `client.ts`, a second `Client` takes the seats, so that the token is in no URL.
 *
 *     npx node examples/ranked.ts [URL]
 */
import { Client, type SeatReservation } from "@colyseus/sdk";

/** The code with which the server closes a match that a player left before its start; docs/codes.md lists all codes. */
const OPPONENT_LEFT = 4106;

const url = process.argv[2] ?? "http://localhost:2567";
const client = new Client(url);
const withoutToken = new Client(url);
await client.auth.signInAnonymously();
// The SDK gives each new client the stored token.
withoutToken.http.authToken = undefined;
let code = await playRanked();
while (code === OPPONENT_LEFT) {
  console.log("a player left before the start; queueing again");
  code = await playRanked();
}
console.log(`left with code ${code}`);

/** Resolves to the code with which the match closed. */
async function playRanked(): Promise<number> {
  const options = { mode: "duel", strategy: "elo" };
  const { data } = await client.http.post("/matchmake/joinOrCreate/queue", { body: options });
  const queue = await withoutToken.consumeSeatReservation<any>(data);
  let closed: Promise<number> | null = null;
  queue.onMessage("seat", async (seat: SeatReservation) => {
    const match = await withoutToken.consumeSeatReservation<any>(seat);
    closed = new Promise((resolve) => match.onLeave(resolve));
    match.onMessage("facts", () => {});
    match.onStateChange(({ phase }) => {
      if (phase === "ended") void match.leave();
    });
    queue.send("confirm");
  });
  queue.onMessage("returned", () => console.log("a player did not confirm; waiting for the next match"));
  const left = await new Promise<number>((resolve) => queue.onLeave(resolve));
  if (left !== 1000 || closed === null) throw new Error(`the queue closed with code ${left}`);
  return closed;
}
