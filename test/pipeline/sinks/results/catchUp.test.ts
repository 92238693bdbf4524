/** What the results sink does with the ended matches that the log has kept while no sink was running. */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type KafkaConfig, kafkaConfig } from "../../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../../src/pipeline/kafka/KafkaLog.ts";
import type { OutgoingMessage } from "../../../../src/pipeline/log/EventLog.ts";
import { TRANSACTION_LIMITS } from "../../../../src/pipeline/sinks/results/groupForTransactions.ts";
import { silent } from "../../../../src/platform/logging/Logger.ts";
import { PgSql } from "../../../../src/platform/sql/PgSql.ts";
import { atFullSize } from "../../../atFullSize.ts";
import { limitDatabase } from "../../../tools/services/leastPrivileges.ts";
import { useServices } from "../../../tools/services/useServices.ts";
import { NOON_MS, randomFrom, tickMessage, uuidV7 } from "../matches.ts";
import type { FromProcess, Report } from "./catchUpProcess.ts";

const MATCHES = atFullSize(3_000, 20_000);
const SEATS = 16;
const PARTITIONS = 4;
const PROCESSES = 2;
/** Few enough that partitions share most players. */
const PLAYERS = 4_000;
/** Matches that run at the same time. */
const TOGETHER = 50;
/** Every how many messages the relay repeats one. */
const REPEATED = 10;
/** Statements of a transaction on average, however many matches it records. The first transactions make sure that the tables exist. */
const STATEMENTS_MAX = 9;
/** Connections of a process, and of a server with default settings; places in the lock table for each of the latter. */
const [POOL, CONNECTIONS, LOCKS_EACH] = [8, 100, 64];

function matchMessages(number: number, random: () => number): OutgoingMessage[] {
  const first = Math.floor(random() * PLAYERS);
  const seats = Array.from({ length: SEATS }, (_, seat) => {
    return { seat, player: `p${(first + seat * 61) % PLAYERS}`, team: seat, bot: false };
  });
  const events = [
    { kind: "created", rulesVersion: "1", rated: true, region: "eu", source: "queue" },
    {
      ...{ kind: "started", rated: true, weight: 1 },
      roster: seats.map((seat) => ({ ...seat, role: 0, rating: 1500, games: 3 })),
    },
    { kind: "respawned", player: seats[0].player, x: 1, y: 1 },
    {
      ...{ kind: "ended", reason: "score", lastTick: 900, teamScores: [], counts: {}, shed: {} },
      standings: seats.map((seat) => ({ ...seat, place: 1 + seat.seat, score: 1, kills: 1, deaths: 1, left: false })),
    },
  ];
  const matchId = uuidV7(NOON_MS, number);
  return events.map((event, at) => {
    const tick = at * 300;
    return tickMessage({ matchId, mode: "ffa", topic: "logs_match", tick, at: NOON_MS + tick * 50, events: [event] });
  });
}

/** The messages of `TOGETHER` matches, in the order in which these happen, some of them repeated. */
function messagesFrom(first: number, random: () => number): OutgoingMessage[] {
  const matches = Array.from({ length: Math.min(TOGETHER, MATCHES - first) }, (_, at) =>
    matchMessages(first + at, random),
  );
  const inOrder = matches[0].flatMap((_, step) => matches.map((messages) => messages[step]));
  return inOrder.flatMap((message, at) => (at % REPEATED === 0 ? [message, message] : [message]));
}

class Consumer {
  readonly #process: ChildProcess;
  #assigned = 0;
  #report: Report | null = null;

  constructor(kafka: KafkaConfig, url: string) {
    this.#process = fork(path.join(import.meta.dirname, "catchUpProcess.ts"), [JSON.stringify(kafka), url]);
    this.#process.on("message", (message: FromProcess) => {
      if ("report" in message) this.#report = message.report;
      else this.#assigned = message.assigned;
    });
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** How many partitions it has. Throws if it has ended. */
  get assigned(): number {
    assert.ok(this.isRunning, "a process has ended");
    return this.#assigned;
  }

  start(): void {
    this.#process.send("start");
  }

  /** Resolves once it has ended. */
  async stop(): Promise<Report> {
    const ended = once(this.#process, "exit");
    this.#process.send("stop");
    await ended;
    return this.#report!;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }
}

describe("catching up on ended matches", function () {
  this.timeout(atFullSize(600_000, 3_600_000));
  const services = useServices("kafka", "postgres");

  it(`records each of ${MATCHES} matches of ${SEATS} from ${PARTITIONS} partitions once, in ${PROCESSES} processes, in transactions within the limits`, async () => {
    const adminUrl = await services().createDatabase();
    const { runtime } = await limitDatabase(adminUrl);
    const kafka = kafkaConfig({
      ...{ ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: String(2 * PARTITIONS) },
      // On a slow machine, a process loses no partition while the messages are sent.
      KAFKA_SESSION_TIMEOUT_MS: "60000",
    })!;
    const log = new KafkaLog(kafka, silent);
    const admin = new PgSql({ variable: "DATABASE_URL", url: adminUrl });
    const consumers: Consumer[] = [];
    try {
      const random = randomFrom(11);
      // Each process has its partitions before there is a message, so that both have the same work.
      for (let count = 0; count < PROCESSES; count++) consumers.push(new Consumer(kafka, runtime));
      const haveAll = () => consumers.every(({ assigned }) => assigned === PARTITIONS / PROCESSES);
      while (!haveAll()) await delay(50);
      for (let first = 0; first < MATCHES; first += TOGETHER) await log.publish(messagesFrom(first, random));
      const startedAt = performance.now();
      for (const consumer of consumers) consumer.start();
      const recorded = async () => (await one(admin, "select count(*)::int as n from matches")).n;
      while ((await recorded()) !== MATCHES && consumers.every((consumer) => consumer.isRunning)) await delay(100);
      const seconds = (performance.now() - startedAt) / 1000;
      const reports = await Promise.all(consumers.map((consumer) => consumer.stop()));
      describeRun(seconds, reports);
      await assertRecordedOnce(admin);
      await assertWithinLimits(admin, reports);
    } finally {
      for (const consumer of consumers) consumer.kill();
      await admin.close();
      await log.close();
    }
  });
});

type Row = Record<string, unknown>;
const one = async (sql: PgSql, text: string): Promise<Row> => (await sql.query<Row>(text)).rows[0];

function describeRun(seconds: number, reports: readonly Report[]): void {
  const sum = (of: (report: Report) => number) => reports.reduce((total, report) => total + of(report), 0);
  console.log(
    `      ${Math.round(MATCHES / seconds)} matches/s; ${(sum(({ cpuMs }) => cpuMs) / MATCHES).toFixed(2)} ms of CPU and ` +
      `${(sum(({ statements }) => statements) / MATCHES).toFixed(2)} statements for each; ` +
      `${sum(({ transactions }) => transactions)} transactions, of at most ${Math.max(...reports.map(({ locks }) => locks))} locks`,
  );
}

async function assertRecordedOnce(admin: PgSql): Promise<void> {
  const rows = MATCHES * SEATS;
  assert.deepEqual(await one(admin, "select count(*)::int as n, sum(games)::int as games from ratings"), {
    n: Math.min(PLAYERS, rows),
    games: rows,
  });
  assert.deepEqual(
    await one(admin, "select count(*)::int as n, count(distinct match_id)::int as matches from participants"),
    {
      n: rows,
      matches: MATCHES,
    },
  );
  const wrong = `select count(*)::int as n from ratings r join (
      select player_id, sum(rating_change) as gained, count(*) as games from participants group by 1
    ) p using (player_id) where r.rating <> 1500 + p.gained or r.games <> p.games`;
  assert.deepEqual(await one(admin, wrong), { n: 0 });
  const events = `select count(*)::int as n, count(distinct m ->> 'id')::int as different
    from unpublished_messages, json_array_elements(messages) m`;
  assert.deepEqual(await one(admin, events), { n: rows, different: rows });
}

/** A row has the id of the transaction that stored it (`xmin`). */
async function assertWithinLimits(admin: PgSql, reports: readonly Report[]): Promise<void> {
  assert.deepEqual(
    reports.flatMap(({ errors }) => errors),
    [],
  );
  const largest = `select max(players)::int as players, max(seats)::int as seats, max(matches)::int as matches from (
      select count(distinct player_id) as players, count(*) as seats, count(distinct match_id) as matches
      from participants group by xmin::text) t`;
  const { players, seats, matches } = (await one(admin, largest)) as Record<string, number>;
  assert.ok(players <= TRANSACTION_LIMITS.players, `${players} players`);
  assert.ok(seats <= TRANSACTION_LIMITS.seats, `${seats} seats`);
  // Otherwise, it would be one match per transaction that keeps within the limits.
  assert.ok(matches >= 10, `${matches} matches`);
  const { messages } = (await one(
    admin,
    "select max(n)::int as messages from (select count(*) as n from results.match group by xmin::text) t",
  )) as Record<string, number>;
  assert.ok(messages <= TRANSACTION_LIMITS.messages, `${messages} messages`);
  for (const { locks, transactions, statements } of reports) {
    assert.ok(transactions > 0, "each process has stored messages");
    assert.ok(statements <= STATEMENTS_MAX * transactions, `${statements} statements in ${transactions} transactions`);
    // If all connections of both processes were busy, their locks would fit into the table of a server with default settings.
    assert.ok(PROCESSES * POOL * locks <= CONNECTIONS * LOCKS_EACH, `${locks} locks`);
  }
  assert.equal(
    (await one(admin, "select setting from pg_settings where name = 'max_locks_per_transaction'")).setting,
    "64",
  );
}
