/** The connection to Kafka must not print anything by itself. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asUsers, type Users } from "../../tools/services/asUsers.ts";
import { KAFKA_CLIENTS } from "./clients.ts";

describe("a program that publishes to Kafka and reads", function () {
  this.timeout(900_000);
  let services: Services;
  let users: Users;
  before(async () => {
    services = await startServices(["kafka"]);
    users = await asUsers(services, ["kafka"]);
  });
  after(() => services.stop());

  for (const KAFKA_CLIENT of KAFKA_CLIENTS)
    it(`prints no warning with ${KAFKA_CLIENT}, neither about timers nor any other`, () => {
      const env = { ...process.env, ...users.env, KAFKA_CLIENT, NAMESPACE: users.namespace(), KAFKA_PARTITIONS: "1" };
      const program = path.join(import.meta.dirname, "publishAndRead.ts");
      const { stdout, stderr } = spawnSync(process.execPath, [program], { env, encoding: "utf8", timeout: 60_000 });
      assert.deepEqual({ stdout, stderr }, { stdout: "read\n", stderr: "" });
    });
});
