/** An installation whose process is replaced by that of another build, and the matches that were played on it. */
import assert from "node:assert/strict";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listFiles } from "../../src/pipeline/sinks/lake/lakeFiles.ts";
import type { Row } from "../../src/pipeline/sinks/lake/RowGroup.ts";
import { readRowGroups } from "../../src/pipeline/sinks/lake/readLake.ts";
import { DirectoryStore } from "../../src/platform/objectStore/DirectoryStore.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { QueueGuest } from "../main/QueueGuest.ts";
import { Player, type SeenMatch } from "./Player.ts";
import { Program } from "./Program.ts";
import { Variant } from "./Variant.ts";
import { newerBuild, olderBuild } from "./variants.ts";

/** Without progress. */
const RETRIES = 60;

export type Build = "older" | "newer";

export class Upgraded {
  readonly dataDir: string;
  readonly #builds: Readonly<Record<Build, Variant>>;
  readonly #matches = { older: new Set<string>(), newer: new Set<string>() };
  readonly #since = new Date().toISOString();
  readonly #env: Readonly<Record<string, string>>;
  #program: Program | null = null;

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.dataDir = path.join(folder, "data");
    this.#env = {
      WAREHOUSE_MOVE_TICKS: "1",
      LAKE_FLUSH_SECONDS: "1",
      LOG_LEVEL: "info",
      TEST_MATCH_MS: "3000",
      ...env,
    };
    this.#builds = {
      older: new Variant(path.join(folder, "older"), olderBuild),
      newer: new Variant(path.join(folder, "newer"), newerBuild),
    };
  }

  get program(): Program {
    return this.#program!;
  }

  /** Ids of all matches that began on the build, as a list for SQL. */
  matchesOf(build: Build): string {
    return [...this.#matches[build]].map((id) => `'${id}'`).join(", ");
  }

  /** Stops the running process, and starts one of this build. */
  async start(build: Build, roles: string): Promise<void> {
    await this.#program?.stop();
    const { games, start } = this.#builds[build];
    const env = { ...this.#env, GAMES: games, ROLES: roles };
    this.#program = await Program.start({ dataDir: this.dataDir, env, start });
  }

  /** Plays a match with bots to its end, then enters and leaves the queue. */
  async play(build: Build): Promise<void> {
    const player = this.#player();
    await player.playing;
    for (const { matchId } of player.matchesSeen) this.#matches[build].add(matchId);
    const guest = await QueueGuest.signIn(this.program.url);
    const { room } = await guest.queue({ mode: "duel", strategy: "random" });
    await room.leave();
  }

  /** Kills the process in the middle of a match, which the next process ends as `aborted`. */
  async killWhilePlaying(build: Build): Promise<void> {
    const player = this.#player();
    const underWay = async (): Promise<SeenMatch> => {
      while ((player.current?.last.tick ?? 0) < 30) await delay(50);
      return player.current!;
    };
    this.#matches[build].add((await underWay()).matchId);
    // The outbox commits records within a moment.
    await delay(1000);
    await this.program.kill();
    await player.stop();
  }

  /** Resolves when the relay has sent what the process has recorded, except the statistics of this moment. */
  async untilSent(): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      const metrics = await (await fetch(`${this.program.url}/metrics`)).text();
      const oldest = Number(/^hypogeum_outbox_oldest_seconds(?:\{[^}]*\})? (\S+)$/m.exec(metrics)?.[1] ?? 1);
      idle = oldest < 2 ? idle + 1 : 0;
      await delay(500);
    }
  }

  /** Runs a command of the build. Resolves to what it prints. */
  run(build: Build, args: readonly string[], codes?: readonly number[]): Promise<string> {
    return this.#builds[build].run(this.#env, [...args, "--data-dir", this.dataDir], codes);
  }

  /** Audits with the build's own command, until it finds all matches and no difference. */
  async untilClean(build: Build): Promise<void> {
    let before = "";
    for (let retries = RETRIES; ; retries--) {
      // 4: the sinks of the new build have not created their tables yet.
      const text = await this.run(build, ["audit", "--since", this.#since], [0, 1, 3, 4]);
      const isComplete = text.startsWith(`${this.#ids.length} matches,`) && !text.includes("not checked");
      if (isComplete && text.includes("differences: none")) return;
      if (retries === 0) assert.fail(`the audit of ${this.#ids.length} matches: ${text}`);
      if (text !== before) retries = RETRIES;
      before = text;
      await delay(1000);
    }
  }

  /** Waits until each match has its result, and no other has one. */
  async untilResults(sql: Sql): Promise<void> {
    for (let retries = RETRIES; ; retries--) {
      const { rows } = await sql.query<{ id: string }>(
        "SELECT match_id AS id FROM results.match WHERE ended IS NOT NULL",
      );
      const stored = rows.map(({ id }) => id).sort();
      if (retries === 0) assert.deepEqual(stored, this.#ids);
      if (stored.join() === this.#ids.join()) return;
      await delay(1000);
    }
  }

  async rowsInLake(topic: string): Promise<Row[]> {
    const directory = path.join(this.dataDir, "lake", this.#env.NAMESPACE ?? "");
    const objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
    const rows: Row[] = [];
    for await (const file of listFiles(objects, topic))
      for await (const group of readRowGroups(objects, file)) rows.push(...group);
    return rows;
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  get #ids(): string[] {
    return [...this.#matches.older, ...this.#matches.newer].sort();
  }

  #player(): Player {
    return new Player({ url: () => this.program.url, game: "arena", mode: "ffa", alone: true, matchesMax: 1 });
  }
}
