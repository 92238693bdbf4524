import assert from "node:assert/strict";
import { checkSettings } from "../../src/main/checkConfig.ts";
import { ConfigError, readConfig } from "../../src/platform/config/readConfig.ts";

const check = (env: Record<string, string>) => checkSettings(readConfig([], env));

describe("settings of a service", () => {
  const refused: [Record<string, string>, string][] = [
    [
      { S3_ENDPOINT: "http://s3:7070" },
      "S3_BUCKET is not set, but S3_ENDPOINT is set, which would have no effect: set S3_BUCKET too, or remove it",
    ],
    [
      { S3_BUCKET: "", S3_ENDPOINT: "http://s3:7070", S3_FORCE_PATH_STYLE: "1", S3_SSE: "AES256" },
      "S3_BUCKET is not set, but S3_ENDPOINT, S3_FORCE_PATH_STYLE, S3_SSE are set, which would have no effect: set S3_BUCKET too, or remove them",
    ],
    [
      { KAFKA_SSL: "1" },
      "KAFKA_BROKERS is not set, but KAFKA_SSL is set, which would have no effect: set KAFKA_BROKERS too, or remove it",
    ],
    [
      { KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: "hunter2" },
      "KAFKA_BROKERS is not set, but KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD are set, which would have no effect: set KAFKA_BROKERS too, or remove them",
    ],
  ];
  for (const [env, message] of refused)
    it(`are refused without the service: ${Object.keys(env)}`, () => {
      assert.throws(() => check(env), new ConfigError(message));
    });

  it("may be switched off, and may be those of other programs", () => {
    check({ KAFKA_SSL: "0", S3_FORCE_PATH_STYLE: "false", S3_ENDPOINT: "" });
    check({
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      AWS_REGION: "eu-central-1",
      KAFKA_HEAP_OPTS: "-Xmx1g",
    });
  });
});
