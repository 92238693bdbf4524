/**
 * A complete client on the unmodified Colyseus SDK: it signs in, joins a duel, walks to the middle and shoots. It reserves its
 * seat with one `Client` and takes it with a second one, which has no token: the SDK puts the token of a `Client` into the URL of
 * the WebSocket, and proxies log URLs.
 *
 *     npx node examples/client.ts [URL]
 */
import { Client } from "@colyseus/sdk";

const url = process.argv[2] ?? "http://localhost:2567";
const client = new Client(url);
const withoutToken = new Client(url);
await client.auth.signInAnonymously();
// The SDK gives each new client the stored token.
withoutToken.http.authToken = undefined;
const { data: seat } = await client.http.post("/matchmake/joinOrCreate/arena", {
  body: { mode: "duel", role: 0, name: "Ada" },
});
const room = await withoutToken.consumeSeatReservation<any>(seat);
const input: any = room.input();
room.onMessage("facts", ({ facts }) =>
  facts.filter((fact: any) => fact.t === "death").map((fact: any) => console.log(fact)),
);
room.onStateChange((state: any) => {
  const me = state.players.get(room.sessionId);
  Object.assign(input.data, {
    moveX: me.team === 0 ? 127 : -127,
    moveY: 0,
    aim: me.team === 0 ? 0 : 32768,
    buttons: 1,
  });
  input.send();
  if (state.phase === "ended") room.leave();
});
room.onLeave((code) => console.log(`left with code ${code}, ${room.state.tick} ticks played`));
