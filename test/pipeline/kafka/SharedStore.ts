/** A store that several processes share: offsets and effects of a consumer group, updated by compare-and-set. */
import { DatabaseSync } from "node:sqlite";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";

export class SharedStore {
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
  handler(writer: string, before: () => Promise<void> = async () => {}, onFenced: () => void = () => {}): BatchHandler {
    const known = new Map<string, bigint | null>();
    return {
      onAssigned: async (topic, partition) => {
        const row = this.#database
          .prepare("SELECT next FROM stored WHERE partition = ?")
          .get(`${topic}/${partition}`) as { next: number } | undefined;
        const stored = row === undefined ? null : BigInt(row.next);
        known.set(`${topic}/${partition}`, stored);
        return stored;
      },
      apply: async ({ topic, partition, nextOffset, messages }) => {
        await before();
        const key = `${topic}/${partition}`;
        this.#database.exec("BEGIN IMMEDIATE");
        try {
          const from = known.get(key);
          const updated =
            from === null
              ? this.#database
                  .prepare("INSERT INTO stored VALUES (?, ?) ON CONFLICT DO NOTHING")
                  .run(key, Number(nextOffset))
              : this.#database
                  .prepare("UPDATE stored SET next = ? WHERE partition = ? AND next = ?")
                  .run(Number(nextOffset), key, Number(from));
          if (updated.changes === 0) {
            onFenced();
            throw new PartitionLost(key);
          }
          const insert = this.#database.prepare("INSERT INTO effects VALUES (?, ?, ?)");
          for (const { value } of messages) insert.run(writer, String(value), key);
          this.#database.exec("COMMIT");
        } catch (error) {
          this.#database.exec("ROLLBACK");
          throw error;
        }
        known.set(key, nextOffset);
      },
      onSkipped: () => {},
      onRevoked: async (topic, partition) => void known.delete(`${topic}/${partition}`),
    };
  }

  close(): void {
    this.#database.close();
  }
}
