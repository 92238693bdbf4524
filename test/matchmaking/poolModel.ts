/** A simple model of the pool, and commands that run on the model and on the pool and compare them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { CONFIRM_MS, HOLDER_MS, SEATING_MS } from "../../src/matchmaking/waitingPool/Pool.ts";
import { alone, matchFor, type PoolUnderTest, player } from "./poolEntries.ts";

interface ModelEntry {
  readonly players: readonly string[];
  readonly holder: string;
  readonly enteredAt: number;
  foundId: string | null;
}

interface ModelFound {
  readonly entries: readonly string[];
  readonly confirmed: Set<string>;
  readonly at: number;
  readonly seated: boolean;
  /** Token of the lease under which it was claimed. */
  readonly token: number;
}

export interface Model {
  readonly entries: Map<string, ModelEntry>;
  readonly found: Map<string, ModelFound>;
  /** When each holder expires. */
  readonly holders: Map<string, number>;
  seq: number;
}

type Command = fc.AsyncCommand<Model, PoolUnderTest>;
const names = ["a", "b", "c", "d", "e"];

const entryWith = (model: Model, who: string) =>
  [...model.entries].find(([, { players }]) => players.includes(who)) ?? null;

function dissolve(model: Model, foundId: string, isRemoved: (id: string, entry: ModelEntry) => boolean): void {
  for (const id of model.found.get(foundId)!.entries) {
    const entry = model.entries.get(id)!;
    entry.foundId = null;
    if (isRemoved(id, entry)) model.entries.delete(id);
  }
  model.found.delete(foundId);
}

/** Asserts that the pool and the model agree on every entry and every player. */
async function assertAgrees(model: Model, { pool }: PoolUnderTest): Promise<void> {
  for (const [id, { foundId, enteredAt, players }] of model.entries) {
    const status = await pool.status(id);
    assert.ok(status !== null && status.state !== "ended", `${id} is gone`);
    const found = foundId === null ? null : model.found.get(foundId)!;
    assert.equal(status.state, found === null ? "waiting" : found.seated ? "seated" : "claimed");
    assert.equal(status.foundId, foundId);
    assert.equal(status.entry.enteredAt, enteredAt);
    for (const who of players) assert.equal(await pool.entryOf(who), id);
  }
  for (const who of names) if (entryWith(model, who) === null) assert.equal(await pool.entryOf(who), null);
  const waiting = [...(await pool.waiting("duel")).pools.values()].flat().map(({ id }) => id);
  const expected = [...model.entries].filter(([, { foundId }]) => foundId === null).map(([id]) => id);
  assert.deepEqual(waiting.sort(), expected.sort());
  const figures = await pool.figures({ mode: "duel", strategy: "elo", region: "eu", rulesVersion: "1" });
  assert.equal(figures.waiting, expected.flatMap((id) => model.entries.get(id)!.players).length);
}

function command(name: string, run: (model: Model, real: PoolUnderTest) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await run(model, real);
      await assertAgrees(model, real);
    },
    toString: () => name,
  };
}

const enter = (who: readonly string[], holder: string) =>
  command(`enter(${who} by ${holder})`, async (model, real) => {
    const id = `entry-${++model.seq}`;
    const party = who.length > 1 ? "CODE" : null;
    await real.pool.registerHolder(holder, HOLDER_MS);
    model.holders.set(holder, real.now() + HOLDER_MS);
    const given = alone("x", { id, holder, party, players: who.map((one) => player(one)) });
    const { entry, conflict } = await real.pool.enter(given);
    const others = who.map((one) => entryWith(model, one)).filter((one) => one !== null);
    const adopted = others.length === 1 && who.length === 1 && others[0][1].players.length === 1;
    if (others.length === 0) {
      assert.equal(entry?.id, id);
      model.entries.set(id, { players: who, holder, enteredAt: real.now(), foundId: null });
    } else if (adopted) {
      assert.equal(entry?.id, others[0][0]);
      model.entries.set(others[0][0], { ...others[0][1], holder });
    } else assert.ok(conflict !== null && others.some(([other]) => other === conflict.entryId));
  });

const leave = (who: string) =>
  command(`leave(${who})`, async (model, { pool }) => {
    const [id, entry] = entryWith(model, who) ?? ["nobody", null];
    const { how } = await pool.leave(id);
    if (entry === null) return assert.equal(how, "unknown");
    if (entry.foundId === null) {
      assert.equal(how, "cancelled");
      model.entries.delete(id);
      return;
    }
    const { confirmed } = model.found.get(entry.foundId)!;
    if (entry.players.every((one) => confirmed.has(one))) return assert.equal(how, "kept");
    assert.equal(how, "declined");
    dissolve(model, entry.foundId, (other) => other === id);
  });

const pairUp = (seated: boolean, crash: boolean) =>
  command(`pair(${seated ? "seated" : crash ? "crashed" : "refused"})`, async (model, { pool, now }) => {
    const lease = await pool.lease("duel", "P1");
    const waiting = [...model.entries].filter(([, { foundId }]) => foundId === null).slice(0, 2);
    if (lease === null || waiting.length < 2) return;
    const foundId = `found-${++model.seq}`;
    const ids = waiting.map(([id]) => id);
    assert.equal(await pool.claim(lease, foundId, ids), true);
    for (const [, entry] of waiting) entry.foundId = foundId;
    model.found.set(foundId, { entries: ids, confirmed: new Set(), at: now(), seated, token: lease.token });
    const players = waiting.flatMap(([, entry]) => entry.players);
    if (seated) assert.equal(await pool.seat(lease, foundId, matchFor(foundId, ...players)), true);
    else if (!crash) {
      await pool.unclaim(lease, foundId);
      dissolve(model, foundId, () => false);
    }
  });

const confirm = (who: string) =>
  command(`confirm(${who})`, async (model, { pool, now }) => {
    const foundId = entryWith(model, who)?.[1].foundId ?? "none";
    const found = model.found.get(foundId);
    const { how } = await pool.confirm(foundId, who);
    if (found === undefined || !found.seated) return assert.equal(how, "unknown");
    if (found.confirmed.has(who)) return assert.equal(how, "again");
    if (now() > found.at + CONFIRM_MS) return assert.equal(how, "late");
    assert.equal(how, "confirmed");
    found.confirmed.add(who);
    const all = found.entries.flatMap((id) => model.entries.get(id)!.players);
    if (!all.every((one) => found.confirmed.has(one))) return;
    for (const id of found.entries) model.entries.delete(id);
    model.found.delete(foundId);
  });

const sweep = (owner: string) =>
  command(`sweep(${owner})`, async (model, { pool, now }) => {
    const lease = await pool.lease("duel", owner);
    if (lease === null) return;
    await pool.sweep(lease);
    for (const [foundId, { confirmed, seated, at, token }] of [...model.found]) {
      const late = seated && now() > at + CONFIRM_MS;
      if (late || (!seated && (token !== lease.token || now() > at + SEATING_MS)))
        dissolve(model, foundId, (_, { players }) => late && players.some((one) => !confirmed.has(one)));
    }
    for (const [holder, expires] of model.holders) {
      if (expires > now()) continue;
      for (const [id, entry] of [...model.entries])
        if (entry.holder === holder && entry.foundId === null) model.entries.delete(id);
    }
  });

/** A crashed process is modelled as one that sends no more heartbeats. */
const wait = (ms: number, alive: readonly string[]) =>
  command(`wait(${ms}, ${alive} alive)`, async (model, real) => {
    real.wait(ms);
    for (const holder of alive) {
      await real.pool.registerHolder(holder, HOLDER_MS);
      model.holders.set(holder, real.now() + HOLDER_MS);
    }
  });

const who = fc.constantFrom(...names);
const holder = fc.constantFrom("P1", "P2");

export const poolCommands = fc.commands(
  [
    fc.tuple(fc.uniqueArray(who, { minLength: 1, maxLength: 2 }), holder).map(([all, by]) => enter(all, by)),
    fc.tuple(who, holder).map(([one, by]) => enter([one], by)),
    who.map(leave),
    fc.tuple(fc.boolean(), fc.boolean()).map(([seated, crash]) => pairUp(seated, crash)),
    fc.constant(pairUp(true, false)),
    who.map(confirm),
    who.map(confirm),
    holder.map(sweep),
    fc
      .tuple(fc.constantFrom(100, 2100, 4000, 6100, 10_001), fc.subarray(["P1", "P2"]))
      .map(([ms, alive]) => wait(ms, alive)),
  ],
  { maxCommands: 30 },
);
