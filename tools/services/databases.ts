/** Test databases on one PostgreSQL server: each suite gets a new one, cloned from a template that is filled once. */
import { randomBytes } from "node:crypto";
import pLimit from "p-limit";
import pg from "pg";
import { postgresUrl } from "./environment.ts";

/** The initial content of a suite's database. */
export interface Template {
  /** A template is filled once per run and name. */
  readonly name: string;
  /** Fills the empty database at `url`. Must have closed its connections when it resolves. */
  fill(url: string): Promise<void>;
}

export class Databases {
  readonly #serverUrl: string;
  readonly #templates = new Map<string, Promise<string>>();
  readonly #created = new Set<string>();
  /** One clone at a time: PostgreSQL refuses to clone a template that is already being cloned. */
  readonly #oneByOne = pLimit(1);

  /** @param url the URL of any database of the server. */
  constructor(url: string) {
    this.#serverUrl = url;
  }

  /** @returns the URL of a new database, empty or a clone of the template. */
  async create(template?: Template): Promise<string> {
    if (template === undefined) return this.#create(null);
    let filled = this.#templates.get(template.name);
    if (filled === undefined) {
      filled = this.#fill(template);
      this.#templates.set(template.name, filled);
    }
    return this.#create(await filled);
  }

  async #fill(template: Template): Promise<string> {
    const url = await this.#create(null);
    await template.fill(url);
    return databaseName(url);
  }

  async #create(template: string | null): Promise<string> {
    const name = `test_${randomBytes(6).toString("hex")}`;
    const from = template === null ? "" : ` TEMPLATE ${pg.escapeIdentifier(template)}`;
    await this.#oneByOne(() => this.#run(`CREATE DATABASE ${pg.escapeIdentifier(name)}${from}`));
    this.#created.add(name);
    return postgresUrl(this.#serverUrl, name);
  }

  /** Drops the database even if clients are still connected. */
  async drop(url: string): Promise<void> {
    const name = databaseName(url);
    await this.#run(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    this.#created.delete(name);
  }

  /** Drops the remaining databases that this object created. */
  async dropAll(): Promise<void> {
    for (const name of this.#created) await this.drop(postgresUrl(this.#serverUrl, name));
    this.#templates.clear();
  }

  async #run(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: postgresUrl(this.#serverUrl, "postgres") });
    client.on("error", () => {});
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  }
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1);
}
