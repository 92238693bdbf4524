/** Tests the databases that test suites get: each suite has its own database, with the content of the template. */
import assert from "node:assert/strict";
import pg from "pg";
import type { Template } from "../../../tools/services/databases.ts";
import { useServices } from "./useServices.ts";

describe("a suite's database", () => {
  const services = useServices("postgres");
  let fills = 0;
  const template: Template = {
    name: "numbers",
    async fill(url) {
      fills++;
      await query(url, "CREATE TABLE number (n int PRIMARY KEY)");
    },
  };

  async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client
      .query(text)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  it("is a copy of its template, and the template is filled once for any number of copies", async () => {
    const urls = await Promise.all([1, 2, 3].map(() => services().createDatabase(template)));
    assert.equal(fills, 1);
    assert.equal(new Set(urls).size, 3);
    await query(urls[0], "INSERT INTO number VALUES (1)");
    assert.deepEqual(await query(urls[1], "SELECT n FROM number"), []);
    await Promise.all(urls.map((url) => services().dropDatabase(url)));
  });

  it("can be dropped while a client is connected", async () => {
    const url = await services().createDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    client.on("error", () => {});
    const ended = new Promise((resolve) => client.once("end", resolve));
    await services().dropDatabase(url);
    await ended;
    await assert.rejects(query(url, "SELECT 1"), /does not exist/);
  });
});
