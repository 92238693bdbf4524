import assert from "node:assert/strict";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { OauthTokens } from "../../../src/pipeline/kafka/OauthTokens.ts";
import { describeProblem } from "../../../src/pipeline/kafka/problem.ts";
import type { KafkaOauth } from "../../../src/pipeline/kafka/security.ts";
import { SECRET, TokenServer } from "./TokenServer.ts";

describe("tokens of an identity provider for Kafka", () => {
  let server: TokenServer;
  let now = 0;
  beforeEach(async () => {
    server = await TokenServer.start();
    now = 0;
  });
  afterEach(() => server.stop());

  const env = (change: Record<string, string> = {}) => ({
    ...{ KAFKA_BROKERS: "a:9092", KAFKA_SASL_MECHANISM: "oauthbearer", KAFKA_OAUTH_TOKEN_URL: server.url },
    ...{ KAFKA_SASL_USERNAME: "hypogeum", KAFKA_SASL_PASSWORD: SECRET, ...change },
  });
  const tokens = (change: Record<string, string> = {}) =>
    new OauthTokens(kafkaConfig(env(change))!.sasl as KafkaOauth, () => now);

  it("are requested with the client's id, secret and scope, once for all connections", async () => {
    const given = tokens({ KAFKA_OAUTH_SCOPE: "kafka" });
    const all = await Promise.all([given.get(), given.get(), given.get()]);
    assert.equal(new Set(all).size, 1);
    assert.deepEqual(
      server.requests.map((form) => Object.fromEntries(form)),
      [{ grant_type: "client_credentials", scope: "kafka" }],
    );
  });

  it("are replaced before they expire", async () => {
    const given = tokens();
    const first = await given.get();
    now = 200_000;
    assert.equal(await given.get(), first);
    now = 250_000;
    const [second, same] = await Promise.all([given.get(), given.get()]);
    assert.notEqual(second, first);
    assert.equal(same, second);
    assert.equal(server.requests.length, 2);
  });

  it("are requested again after a broker has refused one", async () => {
    const given = tokens();
    const first = await given.get();
    given.forget();
    assert.notEqual(await given.get(), first);
  });

  it("are requested again after a failure", async () => {
    const given = tokens();
    server.answer = { status: 503, body: "" };
    await assert.rejects(given.get());
    server.answer = null;
    assert.match(await given.get(), /^ey/);
  });

  const failures: [what: string, prepare: () => Record<string, string>, line: RegExp][] = [
    [
      "refuses the client",
      () => ({ KAFKA_SASL_PASSWORD: "wrong-hedgehog" }),
      /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: http\S+ refused client "hypogeum": status 401 \(invalid_client\)$/,
    ],
    [
      "does not answer",
      () => ({ KAFKA_OAUTH_TOKEN_URL: "http://127.0.0.1:1/token" }),
      /^KAFKA_OAUTH_TOKEN_URL: no answer from http:\/\/127\.0\.0\.1:1\/token \(.+\): start the identity provider, or correct the URL$/,
    ],
    [
      "answers with a page",
      () => {
        server.answer = { status: 200, body: "<html>" };
        return {};
      },
      /^KAFKA_OAUTH_TOKEN_URL: http\S+ answered with status 200: expected 200 and JSON with access_token$/,
    ],
    [
      "answers with a list",
      () => {
        server.answer = { status: 200, body: "[1]" };
        return {};
      },
      /^KAFKA_OAUTH_TOKEN_URL: /,
    ],
    [
      "repeats the secret in its error",
      () => {
        server.answer = { status: 400, body: JSON.stringify({ error: `bad ${SECRET}` }) };
        return {};
      },
      /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: .*\(bad …\)$/,
    ],
  ];
  for (const [what, prepare, line] of failures) {
    it(`are missing with one line and no secret if it ${what}`, async () => {
      const change = prepare();
      const error = await tokens(change)
        .get()
        .then(
          () => null,
          (reason: Error) => reason,
        );
      const problem = describeProblem(error, kafkaConfig(env(change))!);
      assert.match(problem, line);
      assert.doesNotMatch(problem, /hedgehog|right:|\n/);
    });
  }
});
