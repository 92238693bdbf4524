/** Redis with TLS, with certificates of a private authority: what works, and what an operator reads if it does not. */
import assert from "node:assert/strict";
import type { Redis } from "ioredis";
import { redisLocation } from "../../../src/platform/redis/location.ts";
import { connectionErrorOf, openRedis } from "../../../src/platform/redis/openRedis.ts";
import { describeRedisProblem } from "../../../src/platform/redis/problem.ts";
import { findFreePort } from "../../../tools/services/ports.ts";
import { Certificates } from "../../tools/services/certificates.ts";
import { RedisServers } from "./RedisServers.ts";

/** Shorter than the usual time, because a connection that is given up keeps its timer for so long. */
const COMMAND_MS = 3000;

describe("a Redis with TLS", function () {
  this.timeout(60_000);
  const certificates = new Certificates();
  const file = (name: string) => certificates.file(name);
  const servers = new RedisServers();
  const opened: Redis[] = [];
  let port = 0;

  before(async () => {
    port = await findFreePort([]);
    const own = ["--tls-cert-file", file("server.crt"), "--tls-key-file", file("server.key")];
    const clients = ["--tls-ca-cert-file", file("ca.crt"), "--tls-auth-clients", "yes"];
    await servers.start(["--port", "0", "--tls-port", String(port), ...own, ...clients], port);
  });
  after(async () => {
    for (const redis of opened) redis.disconnect();
    await servers.stop();
    certificates.remove();
  });

  const urlWith = (parameters: Readonly<Record<string, string>>, scheme = "rediss") =>
    `${scheme}://127.0.0.1:${port}/2?${new URLSearchParams(parameters)}`;

  /** Null if the server answers; otherwise the line that an operator reads. */
  async function lineFor(parameters: Readonly<Record<string, string>>): Promise<string | null> {
    const url = urlWith(parameters);
    const redis = openRedis(url, { commandTimeout: COMMAND_MS });
    opened.push(redis);
    const error = await redis.set("k", "v").then(
      () => null,
      (reason: Error) => reason,
    );
    if (error === null) assert.equal(redis.options.db, 2);
    redis.disconnect();
    if (error === null) return null;
    return describeRedisProblem(connectionErrorOf(redis) ?? error, { ...redisLocation(url), namespace: "" });
  }

  it("works with the certificates that the URL names, also for a second connection to it", async () => {
    const own = { sslcert: file("client.crt"), sslkey: file("client.key") };
    assert.equal(await lineFor({ sslrootcert: file("ca.crt"), ...own }), null);
    const redis = openRedis(urlWith({ sslrootcert: file("ca.crt"), ...own }), { commandTimeout: COMMAND_MS });
    const second = redis.duplicate();
    opened.push(redis, second);
    assert.deepEqual(await Promise.all([redis.ping(), second.ping()]), ["PONG", "PONG"]);
  });

  it("is reported with its remedy if its authority is unknown, or if it requires a certificate", async () => {
    const own = { sslcert: file("client.crt"), sslkey: file("client.key") };
    assert.match((await lineFor(own))!, /^REDIS_URL: no TLS connection to .*: .* or add sslrootcert=FILE to the URL /);
    assert.match(
      (await lineFor({ sslrootcert: file("ca.crt") }))!,
      /^REDIS_URL: no .*, add sslcert=FILE and sslkey=FILE |: add sslcert=FILE /,
    );
  });

  it("is also named with certificates by the URL of Sentinels", () => {
    const url = `rediss+sentinel://a:1/main?${new URLSearchParams({ sslrootcert: file("ca.crt"), sentinelPassword: "p" })}`;
    const { sentinel } = redisLocation(url);
    assert.match(String(sentinel?.tls?.ca), /BEGIN CERTIFICATE/);
    assert.deepEqual(sentinel?.sentinelTLS, sentinel?.tls);
    assert.equal(sentinel?.sentinelPassword, "p");
  });

  const refused: [parameters: Record<string, string>, scheme: string, line: RegExp][] = [
    [
      { sslrootcert: "/missing.crt" },
      "rediss",
      /^REDIS_URL: sslrootcert: cannot read "\/missing\.crt" \(ENOENT\): expected /,
    ],
    [{ sslrootcert: "package.json" }, "rediss", /^REDIS_URL: sslrootcert: invalid content of .*: expected CA cert/],
    [
      { sslcert: "package.json", sslkey: "package.json" },
      "rediss",
      /^REDIS_URL: sslcert: invalid content of .*: expected a certificate in PEM format$/,
    ],
    [{ sslcert: "/a.crt" }, "rediss", /^REDIS_URL: sslcert and sslkey belong together: set both, or neither$/],
    [
      { sslrootcert: "/a.crt" },
      "redis",
      /^REDIS_URL: sslrootcert requires TLS: expected a URL that begins with rediss$/,
    ],
  ];
  it("is refused with one line if the key is not that of the certificate", () => {
    const url = urlWith({ sslcert: file("client.crt"), sslkey: file("server.key") });
    assert.throws(() => redisLocation(url), {
      message: /^REDIS_URL: sslkey: ".*server\.key" is not the private key of the certificate ".*client\.crt"$/,
    });
  });
  for (const [parameters, scheme, line] of refused) {
    it(`is refused with one line if the URL is that of ${scheme} with ${JSON.stringify(parameters)}`, () => {
      assert.throws(() => redisLocation(urlWith(parameters, scheme)), { message: line });
    });
  }
});
