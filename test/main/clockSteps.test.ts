/** The whole program, embedded, while its wall clock is set back by an hour and forward by a minute and by a month. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client, Room, SeatReservation } from "@colyseus/sdk";
import { queueCloseCodes } from "../../schema/queueCodes.ts";
import { DirectoryStore } from "../../src/platform/objectStore/DirectoryStore.ts";
import { connectEmbedded } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { auditUntilArrived } from "../chaos/auditRun.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { WallClock } from "./WallClock.ts";

const [MINUTE, HOUR, MONTH] = [60, 3600, 30 * 86_400];
const TICK_RATE = 20;
/** Matches that do not end before the test does. */
const LONG_MATCHES = { GAMES: path.join(import.meta.dirname, "../chaos/games.ts"), TEST_MATCH_MS: "3600000" };

/** A client in a match, which sends an input for each state. */
class Fighter {
  readonly room: Room<any, any>;
  tick = 0;
  phase = "";
  code: number | null = null;

  constructor(room: Room<any, any>) {
    this.room = room;
    room.reconnection.enabled = false;
    room.onError(() => {});
    room.onMessage("facts" as never, () => {});
    room.onLeave((code) => {
      this.code = code;
    });
    const input = room.input();
    room.onStateChange(({ tick, phase }: { tick: number; phase: string }) => {
      this.tick = tick;
      this.phase = phase;
      Object.assign(input.data as object, {
        moveX: tick % 80 < 40 ? 127 : -127,
        moveY: 0,
        aim: (tick * 997) % 65_536,
        buttons: 1,
      });
      input.send();
    });
  }
}

describe("a program whose wall clock is set while it runs", function () {
  this.timeout(600_000);
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-clock-"));
  const dataDir = path.join(folder, "data");
  const lake = new DirectoryStore({ directory: path.join(dataDir, "lake"), variable: "DATA_DIR" });
  const sinceMs = Date.now();
  const rooms: Room<any, any>[] = [];
  let clock: WallClock;
  let program: Program;
  let warehouse: Sql;
  let fighters: Fighter[] = [];

  before(async () => {
    clock = await WallClock.open(folder);
    const env = {
      ...clock.env,
      ...LONG_MATCHES,
      LAKE_FLUSH_SECONDS: "1",
      WAREHOUSE_MOVE_TICKS: "1",
      RETENTION_DAYS: "7",
    };
    program = await Program.start({ dataDir, env });
    warehouse = await connectEmbedded(path.join(dataDir, "sql"), 60_000);
    const [one, two] = [await guest(program.url), await guest(program.url)];
    const created = await one.create<any>("arena", { mode: "squad" });
    fighters = [new Fighter(created), new Fighter(await two.joinById<any>(created.roomId, { mode: "squad" }))];
    await until(() => fighters.every(({ phase, code }) => code !== null || phase === "playing"));
    assertConnected();
    await until(async () => (await files()).length > 10);
  });
  afterEach(() => clock.set(0));
  after(async () => {
    for (const { connection } of [...rooms, ...fighters.map(({ room }) => room)]) connection.close();
    await warehouse?.close();
    await program?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function files(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of lake.list("raw/")) keys.push(key);
    return keys;
  }

  async function attacks(): Promise<number> {
    const { rows } = await warehouse.query<{ count: number }>("SELECT count(*)::int AS count FROM dw.fact_attack");
    return rows[0].count;
  }

  /** Resolves when the match has gone on for some seconds, and lake and warehouse have stored more. Nobody is disconnected. */
  async function goesOn(): Promise<void> {
    const [ticks, stored, facts] = [fighters.map(({ tick }) => tick), (await files()).length, await attacks()];
    const isOn = () => fighters.every(({ tick, code }, index) => code !== null || tick >= ticks[index] + 6 * TICK_RATE);
    await until(async () => isOn() && (await files()).length > stored && (await attacks()) > facts);
    assertConnected();
  }

  function assertConnected(): void {
    const codes = fighters.map(({ code }) => code);
    assert.deepEqual(codes, [null, null], program.output);
  }

  it("an hour back: nobody is disconnected, the match continues, and its events are stored", async () => {
    await goesOn();
    clock.set(-HOUR);
    await goesOn();
    clock.set(0);
    await goesOn();
  });

  it("a minute forward between found and confirmed: the match is played", async () => {
    const clients = [await guest(program.url), await guest(program.url)];
    const queues: Room<any, any>[] = [];
    const seats = await Promise.all(
      clients.map(async (client) => {
        const queue = await client.joinOrCreate<any>("queue", { mode: "duel", strategy: "random" });
        queue.reconnection.enabled = false;
        queues.push(queue);
        rooms.push(queue);
        return new Promise<[Client, SeatReservation]>((resolve) => {
          queue.onMessage("returned", () => {});
          queue.onMessage("seat", (seat) => resolve([client, seat]));
        });
      }),
    );
    const codes = queues.map((queue) => new Promise<number>((resolve) => queue.onLeave(resolve)));
    clock.set(MINUTE);
    const seated = await Promise.all(seats.map(([client, seat]) => client.consumeSeatReservation<any>(seat)));
    const players = seated.map((room) => new Fighter(room));
    rooms.push(...seated);
    for (const queue of queues) queue.send("confirm");
    assert.deepEqual(await Promise.all(codes), [queueCloseCodes.QUEUE_DONE.code, queueCloseCodes.QUEUE_DONE.code]);
    await until(() => players.every(({ phase }) => phase === "playing"));
    await Promise.all(seated.map((room) => room.leave()));
  });

  it("a month forward: nobody is disconnected, the match continues, and nothing is deleted", async () => {
    const before = await files();
    const stored = await attacks();
    clock.set(MONTH);
    await goesOn();
    await goesOn();
    clock.set(0);
    await goesOn();
    const now = new Set(await files());
    assert.deepEqual(
      before.filter((key) => !now.has(key)),
      [],
    );
    assert((await attacks()) > stored);
    assert.doesNotMatch(program.output, /deleted/);
  });

  it("afterwards, every event is stored exactly once", async () => {
    for (const { room } of fighters) await room.leave();
    const run = { env: {}, directory: path.join(dataDir, "lake"), warehouse, sinceMs };
    const report = await auditUntilArrived(run, 2);
    assert.deepEqual([report.differences, report.open], [[], []]);
  });
});

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await delay(100);
}
