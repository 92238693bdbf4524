/** Operators of an issuer whose keys cannot be fetched. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { mock } from "node:test";
import { errors, exportJWK, generateKeyPair, type JWTVerifyGetKey, SignJWT } from "jose";
import { OperatorIssuer } from "../../../src/api/operators/OperatorIssuer.ts";
import type { Operators } from "../../../src/api/operators/Operators.ts";
import { openOperators } from "../../../src/main/api/openOperators.ts";
import { Metrics } from "../../../src/main/metrics/metrics.ts";
import { readConfig } from "../../../src/platform/config/readConfig.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { basic, HERE, requestWith, testOperators } from "./testOperators.ts";

const admin = { user: "op", password: "operator-password" };
const PASSWORD = basic(admin.user, admin.password);
const LINE = /^OPERATOR_JWKS_URL is unavailable/;
const quiet = { info() {}, warn() {}, error() {} };

const ask = (operators: Operators, authorization: string): Promise<{ name?: string; code?: string; detail?: string }> =>
  operators.require(requestWith(authorization), HERE, "view").catch((error) => error);

describe("the keys of the operators' issuer", () => {
  let token: string;
  let jwks: object;
  let answer: RequestListener;
  let url: URL;
  const server = createServer((request, response) => answer(request, response));
  before(async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] };
    const jwt = new SignJWT({ sub: "ana", role: "view" }).setProtectedHeader({ alg: "ES256", kid: "1" });
    jwt.setIssuer("https://id").setAudience("hypogeum").setExpirationTime("1h");
    token = `Bearer ${await jwt.sign(privateKey)}`;
    await once(server.listen(0, "127.0.0.1"), "listening");
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`);
  });
  after(() => server.close());

  const issuerWith = (keys: URL | JWTVerifyGetKey) =>
    new OperatorIssuer({ issuer: "https://id", keys, audience: "hypogeum", roleClaim: "role" });
  const operatorsOf = ({ href: OPERATOR_JWKS_URL }: URL, health: Health) => {
    const env = { OPERATOR_ISSUER: "https://id", OPERATOR_JWKS_URL, OPERATOR_AUDIENCE: "hypogeum" };
    const deps = { config: readConfig([], env), file: null, redis: null, metrics: new Metrics(), health };
    return openOperators({ ...deps, log: quiet as any });
  };
  const sending = (status: number, body: string) => {
    answer = (_request, response) => void response.writeHead(status, { connection: "close" }).end(body);
    return url;
  };
  const unavailable: readonly [string, () => URL | JWTVerifyGetKey][] = [
    ["cannot be reached", () => new URL("http://127.0.0.1:1/keys")],
    ["do not arrive in time", () => () => Promise.reject(new errors.JWKSTimeout())],
    ["are answered with an error", () => sending(502, "no upstream at 10.0.0.7")],
    ["are a page and no JSON", () => sending(200, "<html>")],
    ["are JSON of another kind", () => sending(200, '{"error":"unknown tenant"}')],
    [
      "cannot be read",
      () => sending(200, '{"keys":[{"kid":"1","alg":"ES256","kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}'),
    ],
  ];
  for (const [how, keys] of unavailable)
    it(`that ${how} are named as unavailable, which is no guess, and passwords still work`, async () => {
      const operators = testOperators({ admin, issuer: issuerWith(keys()) });
      for (let n = 0; n < 25; n++) {
        const { code, detail } = await ask(operators, token);
        assert.equal(code, "UNAVAILABLE");
        assert.match(detail!, LINE);
        assert.doesNotMatch(detail!, /127\.0\.0\.1|10\.0\.0\.7/);
      }
      assert.equal((await ask(operators, PASSWORD)).name, "op");
    });

  it("that are too short for their algorithm are reported once, whatever the number of tokens", async () => {
    const lines: string[] = [];
    const log = {
      ...quiet,
      info: (_: object, line: string) => lines.push(line),
      warn: (_: object, line: string) => lines.push(line),
    };
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const jwk = { ...publicKey.export({ format: "jwk" }), kid: "1", alg: "RS256" };
    const operators = operatorsOf(sending(200, JSON.stringify({ keys: [jwk] })), new Health(log));
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `Bearer ${part({ alg: "RS256", kid: "1" })}.${part({ sub: "ana" })}.AAAA`;
    for (let n = 0; n < 3; n++) assert.equal((await ask(operators, unsigned)).code, "UNAVAILABLE");
    assert.equal(lines.length, 1);
    assert.match(lines[0], /^OPERATOR_JWKS_URL: .*2048 bits/);
  });

  it("stand as a condition while they are unavailable, also if no further token arrives", async () => {
    const health = new Health(quiet);
    const operators = operatorsOf(sending(503, ""), health);
    const lines = () => health.standing().map(({ line }) => line);
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      assert.equal((await ask(operators, token)).code, "UNAVAILABLE");
      assert.equal(lines().length, 1);
      assert.match(
        lines()[0],
        /^OPERATOR_JWKS_URL: no usable keys from http:\/\/127\.0\.0\.1:\d+\/keys \(Expected 200 OK/,
      );
      const asked = once(server, "request");
      mock.timers.tick(30_000);
      await asked;
      assert.equal(lines().length, 1);
      sending(200, JSON.stringify(jwks));
      while (lines().length > 0) {
        mock.timers.tick(30_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal((await ask(operators, token)).name, "oidc:ana");
    } finally {
      mock.timers.reset();
    }
  });
});
