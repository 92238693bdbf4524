/**
 * The program in several processes, as in production, on real services of its own that may be killed: rooms, a relay on the same
 * host, and two processes of sinks. S3 is reached through a proxy that can fail.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AuditReport } from "../../src/pipeline/audit/AuditReport.ts";
import { openSql } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { type Services, startServices, uniqueNamespace } from "../../tools/services/startServices.ts";
import { FaultProxy } from "../platform/objectStore/FaultProxy.ts";
import { auditUntilArrived } from "./auditRun.ts";
import { Program, type ProgramOptions } from "./Program.ts";

const GAMES = path.join(import.meta.dirname, "games.ts");

export interface ClusterOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of Node itself, for the processes on the host of the rooms. */
  readonly nodeArgs?: readonly string[];
  /** Data directory of that host. Default: one that is removed with the cluster. */
  readonly hostDir?: string;
}

export class Cluster {
  readonly services: Services;
  readonly s3: FaultProxy;
  readonly env: Readonly<Record<string, string>>;
  readonly warehouse: Sql;
  readonly game: Program;
  readonly relay: Program;
  readonly sinks: readonly Program[];
  readonly #folder: string;
  readonly #startedAt = Date.now();

  private constructor(
    fields: Pick<Cluster, "services" | "s3" | "env" | "warehouse" | "game" | "relay" | "sinks">,
    folder: string,
  ) {
    this.services = fields.services;
    this.s3 = fields.s3;
    this.env = fields.env;
    this.warehouse = fields.warehouse;
    this.game = fields.game;
    this.relay = fields.relay;
    this.sinks = fields.sinks;
    this.#folder = folder;
  }

  static async start({ env = {}, nodeArgs = [], ...options }: ClusterOptions = {}): Promise<Cluster> {
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-chaos-"));
    const hostDir = options.hostDir ?? path.join(folder, "host");
    const services = await startServices(["kafka", "postgres", "redis", "s3"]);
    const s3 = await FaultProxy.start(services.env.S3_ENDPOINT);
    const whole: Record<string, string> = {
      ...services.env,
      ...{ S3_ENDPOINT: s3.url, NAMESPACE: `${uniqueNamespace()}-`, GAMES, LOG_LEVEL: "debug" },
      ...{
        KAFKA_PARTITIONS: "2",
        KAFKA_SESSION_TIMEOUT_MS: "6000",
        WAREHOUSE_MOVE_TICKS: "1",
        LAKE_FLUSH_SECONDS: "2",
      },
      JWT_SECRET: "the same for every process of these tests",
      ...env,
    };
    const program = (dataDir: string, roles: string, more: Partial<ProgramOptions> = {}) =>
      Program.make({ dataDir: path.resolve(folder, dataDir), env: { ...whole, ROLES: roles }, ...more });
    const cluster = new Cluster(
      {
        ...{ services, s3, env: whole },
        warehouse: await openSql({ variable: "WAREHOUSE_URL", url: whole.WAREHOUSE_URL }),
        game: await program(hostDir, "game,api", { nodeArgs }),
        relay: await program(hostDir, "relay", { nodeArgs }),
        sinks: [await program("sinks-0", "sinks"), await program("sinks-1", "sinks")],
      },
      folder,
    );
    await Promise.all(cluster.programs.map((each) => each.start())).catch(async (error) => {
      await cluster.stop();
      throw error;
    });
    return cluster;
  }

  get programs(): readonly Program[] {
    return [this.game, this.relay, ...this.sinks];
  }

  /** The audit of everything played here, once at least `matches` matches have arrived completely, or after some retries. */
  untilArrived(matches: number): Promise<AuditReport> {
    return auditUntilArrived({ env: this.env, warehouse: this.warehouse, sinceMs: this.#startedAt }, matches);
  }

  /** Last tick and reason of each match that has ended in the warehouse, by match id. */
  async ended(): Promise<Map<string, { lastTick: number; reason: string }>> {
    const { rows } = await this.warehouse.query<{ match_id: string; last_tick: bigint; reason: string }>(
      "SELECT match_id, last_tick, reason FROM dw.dim_match WHERE ended_at IS NOT NULL",
    );
    return new Map(rows.map(({ match_id, last_tick, reason }) => [match_id, { lastTick: Number(last_tick), reason }]));
  }

  async stop(): Promise<void> {
    await Promise.all(this.programs.map((each) => each.kill()));
    await this.warehouse.close();
    await this.s3.close();
    await this.services.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
