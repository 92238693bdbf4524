/** An invalid setting stops the start with one line: the variable, its value, what is expected. */
import assert from "node:assert/strict";
import { UsageError } from "../../src/platform/commandLine/CommandUsage.ts";
import { ConfigError, readConfig } from "../../src/platform/config/readConfig.ts";
import { flagOf, type Setting, settings } from "../../src/platform/config/settings.ts";
import { helpText } from "../../src/platform/config/startUsage.ts";

const JWT_SECRET = "0123456789abcdef0123456789abcdef";
const ISSUERS = { AUTH_ISSUER: "a,b", AUTH_JWKS_URL: "https://a.example,https://b.example" };
const MAIL = {
  SMTP_URL: "smtps://user:hunter2@mail.example.com",
  MAIL_FROM: "Arena <arena@example.com>",
  PUBLIC_URL: "https://play.example.com/arena",
};

describe("configuration", () => {
  it("has a default for every required setting", () => {
    const config = readConfig([], {});
    assert.deepEqual(
      [config.port, config.tickRate, config.dataDir, config.rankAnonymous],
      [2567, 20, ".data", undefined],
    );
  });

  it("reads the environment, which a flag overrides", () => {
    assert.equal(readConfig([], { PORT: "3000" }).port, 3000);
    assert.equal(readConfig(["--port", "4000"], { PORT: "3000" }).port, 4000);
    assert.equal(readConfig(["--tick-rate=60"], { TICK_RATE: "30" }).tickRate, 60);
  });

  it("reads a rating algorithm for all modes, or for each mode", () => {
    const read = (RATING_ALGORITHM: string) => readConfig([], { RATING_ALGORITHM }).ratingAlgorithm;
    assert.deepEqual(read(""), { byMode: {}, others: "elo" });
    assert.deepEqual(read("openskill"), { byMode: {}, others: "openskill" });
    assert.deepEqual(read("squad=openskill"), { byMode: { squad: "openskill" }, others: "elo" });
    assert.deepEqual(read("openskill, duel=elo"), { byMode: { duel: "elo" }, others: "openskill" });
  });

  it("reads the regions, of which there is one by default, and refuses names that no client could send", () => {
    assert.deepEqual(readConfig([], {}).regions, ["local"]);
    assert.deepEqual(readConfig([], { REGIONS: "eu, us-east" }).regions, ["eu", "us-east"]);
    for (const REGIONS of ["EU", "eu,eu", "a b", ","])
      assert.throws(() => readConfig([], { REGIONS }), /^Error: REGIONS: invalid/);
  });

  it("ends PUBLIC_URL with one slash, and accepts a MAIL_FROM with or without a name", () => {
    assert.equal(readConfig([], MAIL).publicUrl, "https://play.example.com/arena/");
    assert.equal(readConfig([], { PUBLIC_URL: "http://localhost:2567//" }).publicUrl, "http://localhost:2567/");
    for (const MAIL_FROM of ["arena@example.com", "<arena@example.com>", "Zoë's Arena <a+b@x.example>"])
      assert.equal(readConfig([], { ...MAIL, MAIL_FROM }).mailFrom, MAIL_FROM);
  });

  it("treats an empty variable as not set", () => {
    assert.equal(readConfig([], { PORT: "", JWT_SECRET: "" }).port, 2567);
  });

  const bad: [Record<string, string>, RegExp][] = [
    [
      { RATING_ALGORITHM: "glicko" },
      /^RATING_ALGORITHM: invalid "glicko": expected elo or openskill, or a comma-separated list with a choice per mode/,
    ],
    [{ RATING_ALGORITHM: "elo,squad=" }, /^RATING_ALGORITHM: /],
    [{ PORT: "80a" }, /^PORT: invalid "80a": expected a whole number from 0/],
    [{ PORT: "65536" }, /^PORT: invalid "65536": /],
    [{ PORT: "-1" }, /^PORT: invalid "-1": /],
    [{ TICK_RATE: "25" }, /^TICK_RATE: invalid "25": expected 10, 20, 30 or 60$/],
    [{ RANK_ANONYMOUS: "yes" }, /^RANK_ANONYMOUS: invalid "yes": expected 0 or 1$/],
    [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL: invalid "loud": /],
    [{ PUBLIC_ADDRESS: "https://play.example.com" }, /^PUBLIC_ADDRESS: .* without a scheme$/],
    [{ CORS_ORIGINS: "play.example.com" }, /^CORS_ORIGINS: /],
    [{ JWT_SECRET: "hunter2" }, /^JWT_SECRET: invalid value \(not shown\): expected at least 32 characters$/],
    [{ ADMIN_USER: "root" }, /^ADMIN_PASSWORD is not set: set both ADMIN_USER and ADMIN_PASSWORD, or neither$/],
    [{ ADMIN_USER: "root", ADMIN_PASSWORD: "short" }, /^ADMIN_PASSWORD: invalid value \(not shown\): /],
    [{ SMTP_URL: "smtp://mail.example.com" }, /^MAIL_FROM is not set: set both SMTP_URL and MAIL_FROM, or neither$/],
    [{ MAIL_FROM: "arena@example.com" }, /^SMTP_URL is not set: /],
    [{ ...MAIL, PUBLIC_URL: "" }, /^PUBLIC_URL is not set: SMTP_URL requires it for links in mail; expected http/],
    [
      { ...MAIL, SMTP_URL: "https://user:hunter2@mail.example.com" },
      /^SMTP_URL: invalid value \(not shown\): expected smtp:/,
    ],
    [{ ...MAIL, SMTP_URL: "smtp://user:hun%ter2@mail.example.com" }, /^SMTP_URL: invalid value \(not shown\): /],
    [{ ...MAIL, SMTP_URL: "smtp://" }, /^SMTP_URL: invalid value \(not shown\): /],
    [{ ...MAIL, MAIL_FROM: "arena" }, /^MAIL_FROM: invalid "arena": expected an e-mail address/],
    [{ ...MAIL, MAIL_FROM: "Arena <a@b.c>\nBcc: <d@e.f>" }, /^MAIL_FROM: /],
    [{ ...MAIL, PUBLIC_URL: "play.example.com" }, /^PUBLIC_URL: /],
    [{ ...MAIL, PUBLIC_URL: "https://play.example.com/#x" }, /^PUBLIC_URL: /],
    [
      { ...ISSUERS, AUTH_JWKS_URL: "https://a.example" },
      /^AUTH_JWKS_URL: invalid number of URLs \(1\): expected 2, one/,
    ],
    [{ ...ISSUERS, AUTH_AUDIENCE: "game" }, /^AUTH_AUDIENCE: invalid number of audiences \(1\): expected 2, one/],
    [{ AUTH_AUDIENCE: "game" }, /^AUTH_ISSUER is not set: AUTH_AUDIENCE requires AUTH_ISSUER and AUTH_JWKS_URL$/],
    [{ FRAME_ANCESTORS: "none, self" }, /^FRAME_ANCESTORS: invalid "none, self": expected none, or a comma-separated/],
    [{ FRAME_ANCESTORS: "https://a.example; script-src *" }, /^FRAME_ANCESTORS: /],
    [{ FRAME_ANCESTORS: "portal.example" }, /^FRAME_ANCESTORS: /],
    [{ NODE_ENV: "production" }, /^JWT_SECRET is not set: production/],
    ...["Production", "PRODUCTION", "prod", "production "].map((NODE_ENV): [Record<string, string>, RegExp] => [
      { NODE_ENV, JWT_SECRET },
      /^NODE_ENV: invalid "\w+ ?": expected exactly production; any other word means development$/,
    ]),
  ];
  for (const [env, message] of bad) {
    it(`refuses ${JSON.stringify(env)} in one line`, () => {
      assert.throws(
        () => readConfig([], env),
        (error) => error instanceof ConfigError && message.test(error.message) && !error.message.includes("\n"),
      );
    });
  }

  it("refuses an unknown flag in one line", () => {
    assert.throws(() => readConfig(["--prot", "80"], {}), /^Error: Unknown option '--prot'[^\n]*$/);
    assert.throws(() => readConfig(["80"], {}), UsageError);
  });

  it("never prints a secret", () => {
    for (const { variable, secret } of Object.values(settings) as Setting[]) {
      if (!secret) continue;
      assert.throws(
        () => readConfig([], { [variable]: "s3cr3t" }),
        (error: Error) => !error.message.includes("s3cr3t"),
      );
    }
  });

  it("accepts production with a JWT_SECRET", () => {
    assert.equal(readConfig([], { NODE_ENV: "production", JWT_SECRET }).production, true);
    for (const NODE_ENV of ["", "development", "test", "staging"])
      assert.equal(readConfig([], { NODE_ENV }).production, false);
  });

  it("lists every setting, with its flag, in the help text", () => {
    const help = helpText();
    for (const { variable } of Object.values(settings)) {
      assert.ok(help.includes(variable) && help.includes(`--${flagOf(variable)}`), variable);
    }
  });
});
