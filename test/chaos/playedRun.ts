/**
 * One run of the whole program on real services, with the arena and tag from a GAMES module, as a studio runs it. All its matches
 * have ended and arrived everywhere. It is shared by all suites that only read.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AuditReport } from "../../src/pipeline/audit/AuditReport.ts";
import type { TickValue } from "../../src/pipeline/events/messages.ts";
import { openSql } from "../../src/platform/sql/openSql.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import type { ReadMessage } from "../pipeline/relay/checkMatches.ts";
import { readWithKcat } from "../pipeline/relay/kcat.ts";
import { MATCH_TOPICS } from "../pipeline/relay/TopicReader.ts";
import { leastPrivileges } from "../tools/services/leastPrivileges.ts";
import { type SharedServices, useServices } from "../tools/services/useServices.ts";
import { auditUntilArrived } from "./auditRun.ts";
import { Player, type SeenMatch } from "./Player.ts";
import { Program } from "./Program.ts";

export const TOPICS = [...MATCH_TOPICS, "logs_tag"];
export const MOVE_TICKS = 5;

export interface PlayedRun {
  readonly env: Readonly<Record<string, string>>;
  readonly matchesSeen: readonly SeenMatch[];
  readonly report: AuditReport;
  /** Every message of the match topics, as kcat reads it. */
  readonly messages: readonly ReadMessage[];
  /** The events of a topic, each with the fields of its message. */
  eventsOf(topic: string): readonly PlayedEvent[];
}

export type PlayedEvent = Omit<TickValue, "events"> & Record<string, any>;

let played: Promise<PlayedRun> | null = null;

/** Call inside `describe`. The result gives the run, from the first test on. */
export function usePlayedRun(): () => PlayedRun {
  const services = useServices("kafka", "postgres", "redis", "s3");
  let run: PlayedRun | null = null;
  before("matches played", async function () {
    this.timeout(240_000);
    run = await (played ??= play(services()));
  });
  return () => run!;
}

async function play({ admin: urls, createDatabase }: SharedServices): Promise<PlayedRun> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-run-"));
  const env: Record<string, string> = {
    ...urls,
    ...{ DATABASE_URL: await createDatabase(), WAREHOUSE_URL: await createDatabase() },
    ...{ NAMESPACE: `${uniqueNamespace()}-`, GAMES: path.join(import.meta.dirname, "games.ts") },
    ...{ KAFKA_PARTITIONS: "2", WAREHOUSE_MOVE_TICKS: String(MOVE_TICKS), LAKE_FLUSH_SECONDS: "1" },
    ...{ LOG_LEVEL: "warn", TEST_MATCH_MS: "9000" },
  };
  const sinceMs = Date.now();
  const program = await Program.start({ dataDir, env: { ...env, ...(await leastPrivileges(env)) } });
  const { report, matchesSeen } = await playOn(program, env, sinceMs).finally(() => program.stop());
  rmSync(dataDir, { recursive: true, force: true });
  const messages: ReadMessage[] = [];
  for (const topic of TOPICS) messages.push(...(await readWithKcat(env.KAFKA_BROKERS, env.NAMESPACE, topic)));
  return { env, matchesSeen, report, messages, eventsOf: (topic) => eventsOf(messages, topic) };
}

async function playOn(program: Program, env: Readonly<Record<string, string>>, sinceMs: number) {
  await program.untilHealthy();
  const modes = [
    ...["duel", "squad", "ffa"].map((mode) => ({ game: "arena", mode })),
    ...["pair", "crowd"].map((mode) => ({ game: "tag", mode })),
  ];
  const players = modes.map((mode) => new Player({ url: () => program.url, ...mode, matchesMax: 1 }));
  await Promise.all(players.map((player) => player.playing));
  const warehouse = await openSql({ variable: "WAREHOUSE_URL", url: env.WAREHOUSE_URL });
  const report = await auditUntilArrived({ env, warehouse, sinceMs }, players.length).finally(() => warehouse.close());
  return { report, matchesSeen: players.flatMap((player) => player.matchesSeen) };
}

function eventsOf(messages: readonly ReadMessage[], topic: string): PlayedEvent[] {
  return messages
    .filter((message) => message.topic === topic)
    .flatMap(({ value }) => {
      const { events, ...rest } = JSON.parse(value) as TickValue;
      return events.map((event) => ({ ...rest, ...event }));
    });
}
