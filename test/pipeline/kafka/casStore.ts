/** A store that several processes share: offsets and effects of a consumer group, updated by compare-and-set. */
import { DatabaseSync } from "node:sqlite";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/Log.ts";

export class CasStore {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { timeout: 10_000 });
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS stored (partition TEXT PRIMARY KEY, next INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS effects (writer TEXT, value TEXT, partition TEXT);
    `);
  }

  /** Values in the order in which they were stored. */
  effects(): { writer: string; value: string; partition: string }[] {
    return this.#database.prepare("SELECT writer, value, partition FROM effects ORDER BY rowid").all() as never;
  }

  /** `before` runs before every transaction. */
  handler(writer: string, before: () => Promise<void> = async () => {}, fenced: () => void = () => {}): BatchHandler {
    const known = new Map<string, bigint | null>();
    return {
      assigned: async (topic, partition) => {
        const row = this.#database
          .prepare("SELECT next FROM stored WHERE partition = ?")
          .get(`${topic}/${partition}`) as { next: number } | undefined;
        const stored = row === undefined ? null : BigInt(row.next);
        known.set(`${topic}/${partition}`, stored);
        return stored;
      },
      apply: async ({ topic, partition, nextOffset, messages }) => {
        await before();
        const place = `${topic}/${partition}`;
        this.#database.exec("BEGIN IMMEDIATE");
        try {
          const from = known.get(place);
          const moved =
            from === null
              ? this.#database
                  .prepare("INSERT INTO stored VALUES (?, ?) ON CONFLICT DO NOTHING")
                  .run(place, Number(nextOffset))
              : this.#database
                  .prepare("UPDATE stored SET next = ? WHERE partition = ? AND next = ?")
                  .run(Number(nextOffset), place, Number(from));
          if (moved.changes === 0) {
            fenced();
            throw new PartitionLost(place);
          }
          const insert = this.#database.prepare("INSERT INTO effects VALUES (?, ?, ?)");
          for (const { value } of messages) insert.run(writer, String(value), place);
          this.#database.exec("COMMIT");
        } catch (error) {
          this.#database.exec("ROLLBACK");
          throw error;
        }
        known.set(place, nextOffset);
      },
      skipped: () => {},
      revoked: async (topic, partition) => void known.delete(`${topic}/${partition}`),
    };
  }

  close(): void {
    this.#database.close();
  }
}
