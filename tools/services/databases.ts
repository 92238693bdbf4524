/**
 * Databases of one PostgreSQL server for tests: a new one for each suite, cloned from a template that was filled once.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { postgresUrl } from "./environment.ts";

/** What a suite's database begins with. */
export interface Template {
  /** Templates of one name are filled once per run. */
  readonly name: string;
  /** Given the URL of an empty database; must have closed its connections when it is done. */
  fill(url: string): Promise<void>;
}

export class Databases {
  readonly #serverUrl: string;
  readonly #templates = new Map<string, Promise<string>>();
  readonly #made = new Set<string>();
  /** PostgreSQL refuses to clone a template that is being cloned elsewhere at the same time. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param url of any database of the server. */
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
    const created = this.#queue.then(() => this.#run(`CREATE DATABASE ${pg.escapeIdentifier(name)}${from}`));
    this.#queue = created.catch(() => {});
    await created;
    this.#made.add(name);
    return postgresUrl(this.#serverUrl, name);
  }

  /** Drops the database even where somebody is still connected. */
  async drop(url: string): Promise<void> {
    const name = databaseName(url);
    await this.#run(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    this.#made.delete(name);
  }

  /** Drops what was made here and is still there. */
  async dropAll(): Promise<void> {
    for (const name of this.#made) await this.drop(postgresUrl(this.#serverUrl, name));
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
