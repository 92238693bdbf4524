/**
 * A complete client on the unmodified Colyseus SDK: it signs in, joins a duel, walks to the middle and shoots.
 *
 *     npx node examples/client.ts [URL]
 */
import { Client } from "@colyseus/sdk";

const client = new Client(process.argv[2] ?? "http://localhost:2567");
await client.auth.signInAnonymously();
const room = await client.joinOrCreate<any>("arena", { mode: "duel", role: 0, name: "Ada" });
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
