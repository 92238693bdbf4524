import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { checkMatches } from "../pipeline/relay/checkMatches.ts";
import { readWithKcat } from "../pipeline/relay/kcat.ts";
import { MATCH_TOPICS } from "../pipeline/relay/TopicReader.ts";
import { useServices } from "../tools/services/useServices.ts";
import { DuelPlayers } from "./DuelPlayers.ts";
import { clientOf, patientClientOf, plain, within } from "./Entrant.ts";
import { Fleet, until } from "./Fleet.ts";

const DRAIN_SECONDS = 20;
/** Allowance for a slow machine. */
const LATE_MS = 2000;

describe("matchmaking while a process", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis");
  let fleet: Fleet;
  let processes: Map<string, Program>;
  const started: DuelPlayers[] = [];

  before(async () => {
    fleet = await Fleet.start(services(), 3, { TEST_MATCH_MS: "4000", DRAIN_SECONDS: String(DRAIN_SECONDS) });
  });
  beforeEach(async () => {
    if (fleet.running.length < 3) await fleet.add();
    processes = await fleet.processes();
  });
  afterEach(async () => {
    for (const duellists of started.splice(0)) await duellists.leave();
  });
  after(() => fleet?.stop());

  async function start(count: number, overMs: number, confirmAfterMs: number): Promise<DuelPlayers> {
    const duellists = await DuelPlayers.start(fleet, { count, overMs, confirmAfterMs });
    started.push(duellists);
    return duellists;
  }

  it("is removed from the list of hosts by the other processes although it is alive: it gets rooms again within a second", async () => {
    const [id] = processes.keys();
    await fleet.redis.hdel(fleet.key("roomcount"), id);
    await fleet.redis.hdel(fleet.key("rulesversions"), id);
    await delay(1000 + LATE_MS);
    assert((await fleet.processes(5000)).has(id));
  });

  it("that pairs is paused: another process takes over within 3 s, and the paused one writes nothing when it resumes", async () => {
    const duellists = await start(40, 8000, 300);
    await delay(2500);
    const { owner, token } = await fleet.leaseOf("duel");
    const paused = processes.get(owner)!;
    duellists.paused.add(paused);
    paused.signal("SIGSTOP");
    try {
      const since = performance.now();
      await until(async () => (await fleet.leaseOf("duel")).owner !== owner, "another pairs", 10_000);
      const tookMs = performance.now() - since;
      console.log(`      taken over after ${(tookMs / 1000).toFixed(1)} s`);
      assert(tookMs <= 3000 + LATE_MS);
      await delay(6000);
    } finally {
      paused.signal("SIGCONT");
    }
    const next = await fleet.leaseOf("duel");
    assert(Number(next.token) > Number(token));
    await delay(2000);
    const { owner: still, token: same } = await fleet.leaseOf("duel");
    assert.deepEqual([still, same], [next.owner, next.token]);
    duellists.paused.clear();
    await duellists.untilAllMatched();
    await duellists.checkOneMatchEach();
  });

  it("that pairs is killed while players queue and confirm: each player is matched once, and nothing of it remains in Redis", async () => {
    const duellists = await start(60, 6000, 500);
    await delay(3000);
    const { owner } = await fleet.leaseOf("duel");
    await fleet.end(processes.get(owner)!, "SIGKILL");
    await delay(5000);
    const ghosts = async () => (await fleet.listings()).filter(({ processId }) => processId === owner).length;
    await until(async () => (await ghosts()) === 0, "its listings have gone", LATE_MS);
    const clients = await Promise.all(
      (await fleet.createPlayers("ffa", [1000, 1400, 1800, 2200])).map((person, at) =>
        clientOf(fleet.running[at % 2].url, person),
      ),
    );
    for (const client of clients) {
      const join = () => within(client.joinOrCreate<any>("arena", { mode: "ffa" }), 2000 + LATE_MS);
      const room = plain(await untilAccepted(join));
      assert((await fleet.listings()).some(({ roomId, processId }) => roomId === room.roomId && processId !== owner));
      await room.leave();
    }
    await duellists.untilAllMatched();
    await duellists.checkOneMatchEach();
    await until(async () => (await fleet.tracesOf(owner)).length === 0, "nothing in Redis names it", 20_000).catch(
      async (error) => assert.deepEqual(await fleet.tracesOf(owner), [], error.message),
    );
  });

  it("that hosts a party is killed: the party is recreated under its code within 5 s, and its members return", async () => {
    const people = await fleet.createPlayers("squad", [1500, 1500, 1500]);
    const join = async (at: number, code?: string) => {
      const client = await patientClientOf(fleet.running[at % fleet.running.length].url, people[at]);
      const joining = code === undefined ? client.create<any>("party", {}) : client.joinById<any>(code, {});
      return plain(await within(joining, 6000));
    };
    const first = await join(0);
    const code = first.roomId;
    const rooms = [first, await join(1, code), await join(2, code)];
    const closed = Promise.all(rooms.map((room) => new Promise((resolve) => room.onLeave(resolve))));
    await until(() => first.state.members?.size === 3, "all have joined");
    const { processId } = (await fleet.listings()).find(({ roomId }) => roomId === code)!;
    const since = performance.now();
    await fleet.end(processes.get(processId)!, "SIGKILL");
    await closed;
    let again: Awaited<ReturnType<typeof join>> | null = null;
    while (again === null) {
      again = await join(1, code).catch(() => null);
      if (performance.now() - since > 30_000) throw new Error("the party did not come back");
      if (again === null) await delay(100);
    }
    const tookMs = performance.now() - since;
    console.log(`      back after ${(tookMs / 1000).toFixed(1)} s`);
    assert(tookMs <= 5000 + LATE_MS);
    const others = [await join(0, code), await join(2, code)];
    await until(() => again.state.members?.size === 3, "all are back");
    assert.equal(again.roomId, code);
    assert.equal(again.state.leader, people[0].playerId);
    const listings = (await fleet.listings()).filter(({ roomId }) => roomId === code);
    assert.deepEqual([listings.length, listings[0].processId === processId], [1, false]);
    for (const room of [again, ...others]) await room.leave();
  });

  it("that pairs drains: its matches end, no new room is created there, and nothing of it remains in Redis", async () => {
    const duellists = await start(60, 10_000, 500);
    await delay(4000);
    const { owner } = await fleet.leaseOf("duel");
    const stopping = processes.get(owner)!;
    const since = performance.now();
    const stopped = fleet.end(stopping, "SIGTERM");
    await delay(1000);
    const rooms = async () =>
      (await fleet.listings()).filter(({ processId }) => processId === owner).map(({ roomId }) => roomId);
    const before = new Set(await rooms());
    let running = true;
    void stopped.then(() => {
      running = false;
    });
    while (running) {
      for (const id of await rooms()) assert(before.has(id), `${id} was created while the process drains`);
      await delay(200);
    }
    const tookMs = performance.now() - since;
    console.log(`      stopped after ${(tookMs / 1000).toFixed(1)} s, with ${before.size} rooms`);
    assert(tookMs <= DRAIN_SECONDS * 1000 + 10_000);
    assert.deepEqual(await fleet.tracesOf(owner), []);
    await duellists.untilAllMatched();
    await duellists.checkOneMatchEach();
    await until(
      () => duellists.entrants.every(({ sat }) => sat.every(({ ended, confirmed }) => ended || !confirmed)),
      "all matches have ended",
    );
    const played = new Set(duellists.entrants.flatMap(({ sat }) => sat.map(({ matchId }) => matchId)));
    const here = duellists.entrants.flatMap(({ sat }) => sat.filter(({ processId }) => processId === owner));
    assert(here.length > 0, "it had matches");
    await untilArrived(played);
    const ended = new Map(
      (await fleet.events("logs_match")).filter(({ kind }) => kind === "ended").map((one) => [one.matchId, one]),
    );
    for (const { matchId, confirmed } of here) if (confirmed) assert.notEqual(ended.get(matchId)?.reason, "aborted");
  });

  it("drains while Redis loses all data: it does not announce itself as a host again", async () => {
    const [person] = await fleet.createPlayers("ffa", [1500]);
    const room = plain(
      await (await patientClientOf(fleet.running[0].url, person)).joinOrCreate<any>("arena", { mode: "ffa" }),
    );
    const { processId } = (await fleet.listings()).find(({ roomId }) => roomId === room.roomId)!;
    room.onMessage("facts" as never, () => {});
    await until(() => room.state.phase === "playing", "its match is playing");
    room.onStateChange(({ phase }) => {
      if (phase === "ended") void room.leave().catch(() => {});
    });
    const hosts = () => fleet.redis.hkeys(fleet.key("rulesversions"));
    let running = true;
    const stopped = fleet.end(processes.get(processId)!, "SIGTERM").finally(() => {
      running = false;
    });
    await until(async () => !(await hosts()).includes(processId), "it is no longer a host");
    await fleet.redis.unlink(...(await fleet.redis.keys(fleet.key("*"))));
    await until(async () => (await hosts()).length > 0, "the others announce themselves as hosts");
    while (running) {
      assert(!(await hosts()).includes(processId));
      await delay(50);
    }
    await stopped;
    assert.deepEqual(await fleet.tracesOf(processId), []);
  });

  /** Resolves when Kafka has all ticks of these matches, without a gap. */
  async function untilArrived(matchIds: ReadonlySet<string>): Promise<void> {
    let missing: string[] = [];
    const hasAllEnds = async () => {
      const messages = [];
      for (const topic of MATCH_TOPICS)
        messages.push(...(await readWithKcat(fleet.env.KAFKA_BROKERS, fleet.env.NAMESPACE, topic).catch(() => [])));
      const { matches } = checkMatches(messages.filter(({ key }) => matchIds.has(key)));
      missing = [...matchIds].filter((id) => (matches.get(id)?.ended ?? null) === null);
      return missing.length === 0;
    };
    await until(hasAllEnds, () => `the ends of ${missing.join(", ")} have arrived`);
  }
});
