import assert from "node:assert/strict";
import { tag } from "../tag/tag.ts";
import { Host, play, until } from "./Host.ts";

describe("a tick's patch, facts and ping", () => {
  const pair = { ...tag.modes.pair, spectators: "anyone" as const };
  const game = { ...tag, modes: { pair }, rules: { ...tag.rules, playMs: 20_000, reach: 200 } };
  const host = new Host();
  before(() => host.start({ games: [game] }));
  after(() => host.stop());

  it("are sent to each client, also a spectator, in one write, before the step ends", async () => {
    const room = await host.join("tag", { mode: "pair" });
    let received = 0;
    room.onMessage("facts", () => received++);
    play(room, (data, state) => {
      const [me, other] = [true, false].map(
        (mine) => [...state.players.entries()].find(([key]: any) => (key === room.sessionId) === mine)?.[1],
      );
      if (me === undefined || other === undefined) return;
      Object.assign(data, { dx: Math.sign(other.x - me.x) * 127, dy: Math.sign(other.y - me.y) * 127 });
    });
    await until(room, (state) => state.phase === "playing");
    const local = host.local(room);
    const spectator = host.keep(await (await host.signedInClient()).joinById<any>(room.roomId, { spectate: true }));
    await until(spectator, () => true);
    const sockets = [...local.clients].map(({ ref }: any) => ref._socket);
    assert.equal(sockets.length, 2);
    const writes = new Map<object, number>();
    for (const tcp of sockets)
      for (const name of ["_write", "_writev"]) {
        const inner = tcp[name];
        tcp[name] = function (...args: unknown[]) {
          writes.set(tcp, (writes.get(tcp) ?? 0) + 1);
          return inner.apply(this, args);
        };
      }
    const perStep: string[] = [];
    const { step } = local;
    local.step = () => {
      writes.clear();
      step.call(local);
      perStep.push(sockets.map((tcp) => writes.get(tcp) ?? 0).join());
    };
    const before = received;
    await until(room, () => received > before + 2 && local.match.feed.links[0].roundTrip.ms > 0);
    assert.deepEqual(new Set(perStep), new Set(["1,1"]));
  });
});
