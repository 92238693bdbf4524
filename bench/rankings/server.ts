/** The API in its own process, for the benchmark. Arguments: URL of the database, URL of Redis. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { Registry } from "prom-client";
import { createRestApi } from "../../src/api/createRestApi.ts";
import { Limits } from "../../src/api/limits.ts";
import { GuessLimits } from "../../src/api/operators/GuessLimits.ts";
import { OperatorLog } from "../../src/api/operators/OperatorLog.ts";
import { Operators } from "../../src/api/operators/Operators.ts";
import { PgSql } from "../../src/platform/sql/PgSql.ts";
import { Passwords } from "../../src/players/identity/Passwords.ts";
import { elo } from "../../src/players/rating/elo.ts";

const [url, redisUrl] = process.argv.slice(2);
const sql = new PgSql({ variable: "DATABASE_URL", url });
const redis = new Redis(redisUrl);
const guesses = new GuessLimits({ redis, namespace: "" });
const limits = new Limits({ redis, namespace: "", secrets: [], factor: 1e6 });
const rest = createRestApi({
  recordPlayer() {},
  ...{ sql, redis, namespace: "", secret: "a secret for measurements only, 32 characters" },
  ...{
    acceptedSecrets: [],
    studios: [],
    algorithmOf: () => elo,
    games: [{ name: "arena", modes: ["duel"], roleCount: 1 }],
    described: [],
    rankAnonymous: false,
    corsOrigins: ["*"],
  },
  ...{
    trustedProxies: [],
    version: "0",
    metrics: new Registry(),
    readiness: async () => ({ ready: true, problems: [], warnings: [] }),
  },
  ...{
    recordings: { open: async () => null },
    serveLive: () => {},
    backends: [],
    kick: async () => 0,
    sendText: async () => ({ processes: 0, clients: 0 }),
    drain() {},
    processName: "bench",
    mail: null,
  },
  tickets: { regions: ["local"], open: () => null },
  onError: (error) => console.error(error),
  limits,
  operators: new Operators({
    admin: null,
    file: null,
    issuer: null,
    passwords: new Passwords(),
    guesses,
    onRefused() {},
  }),
  operatorLog: new OperatorLog({ sql, publisher: { publish() {} }, onRecorded() {} }),
  hideAddresses: (line) => line,
  quotas: { take: async () => {}, release: async () => {} },
});
await rest.start();
const server = createServer((request, response) => void rest.handle(request, response));
server.listen(0, "127.0.0.1", () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.once("disconnect", async () => {
  server.closeAllConnections();
  server.close();
  await rest.stop();
  redis.disconnect();
  await sql.close();
});
