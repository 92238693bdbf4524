/** Runs the Job that migrates the database, in the environment of its container, as the owner of the tables. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { asAdmin } from "../../platform/sql/asAdmin.ts";
import { limitDatabase, privileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const exec = promisify(execFile);
const job = parse(readFileSync(path.join(root, "deploy/kubernetes/owner/migrate.yaml"), "utf8"));
const { spec } = job.spec.template;
const [container] = spec.containers;

describe("the job that migrates the database", function () {
  this.timeout(240_000);
  const services = useServices("postgres");
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-migrate-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("mounts the URL of the owner, and nothing of the pods' own secrets", () => {
    const [variable] = container.env as { name: string; value: string }[];
    assert.deepEqual(
      [variable.name, path.dirname(variable.value)],
      ["DATABASE_URL_FILE", container.volumeMounts[0].mountPath],
    );
    assert.equal(spec.volumes[0].secret.secretName, "hypogeum-owner");
  });

  it("creates the tables that the server's user may only use, and can be repeated", async () => {
    const users = await limitDatabase(await services().createDatabase());
    const url = await services().createDatabase();
    await asAdmin(url, [privileges("postgres.sql")]);
    const on = (user: string) => Object.assign(new URL(user), { pathname: new URL(url).pathname }).href;
    writeFileSync(path.join(folder, "database-url"), on(users.owner));
    const image = /^ENV (.*)$/m.exec(readFileSync(path.join(root, "Dockerfile"), "utf8"))![1].split(" ");
    const env = Object.fromEntries([
      ...image.map((pair) => pair.split("=")),
      ...container.env.map(({ name, value }: { name: string; value: string }) => [
        name,
        value.replace(container.volumeMounts[0].mountPath, folder),
      ]),
    ]);
    const run = () =>
      exec(process.execPath, ["src/main/hypogeum.cjs", ...container.args], {
        cwd: root,
        env: { PATH: process.env.PATH, ...env },
      });
    assert.match((await run()).stdout, /^migrations applied: \d+$/m);
    assert.match((await run()).stdout, /^the database is up to date$/m);
    const server = new PgSql({ variable: "DATABASE_URL", url: on(users.runtime) });
    assert.equal(await migrate(server).finally(() => server.close()), 0);
  });
});
