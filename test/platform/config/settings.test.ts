/** Values that contain addresses, URLs and names: which are accepted and how they are read, and which are refused. */
import assert from "node:assert/strict";
import { isEveryAddress } from "../../../src/main/multiProcess/browserHost.ts";
import { planProcesses } from "../../../src/main/multiProcess/processPlan.ts";
import { withPort } from "../../../src/platform/config/addresses.ts";
import { ConfigError, readConfig } from "../../../src/platform/config/readConfig.ts";
import { redisLocation } from "../../../src/platform/redis/location.ts";

const accepted: Readonly<Record<string, readonly string[]>> = {
  HOST: ["::", "::1", "0.0.0.0", "localhost", "game-1.internal", "game_1", "fe80::1%eth0"],
  PUBLIC_ADDRESS: [
    "[::1]:{port}",
    "[2001:DB8:0:0::1]",
    "a.example:80/{port}/{port}/~x",
    "game_1:2567",
    "play.example.com",
  ],
  TRUSTED_PROXIES: ["loopback", "10.0.0.0/8", "10.0.0.0/255.0.0.0", "::1", "2001:db8::/32"],
  NAMESPACE: ["", "eu-1.", "a..b", "_x"],
  DATABASE_URL: [
    "postgres://u:p%40%2F%23@h/d",
    "postgres://u@[::1]:5432/d",
    "postgresql:///d?host=/var/run/postgresql",
    "postgres://u:p@h/d?application_name=a@b",
    "postgres://u:p,q@h/d?sslmode=no-verify",
    "postgres://u:p@h/d?sslmode=verify-full",
  ],
  REDIS_URL: [
    "redis://[::1]:6379/3",
    "rediss://:p%2F@h",
    "redis+sentinel://u:p@[::1]:26379,h:1/main/2?sentinelPassword=x",
  ],
  SMTP_URL: ["smtp://u:p%25@[::1]:25"],
};

const refused: Readonly<Record<string, readonly string[]>> = {
  HOST: ["localhost:2567", "http://localhost", "10.0.0.300", "a b", "[::1", "*"],
  PUBLIC_ADDRESS: [
    ...["::1", "[::1", "a:70000", "a:0", "a:", "a{port}", "u@a", "a?b", "a#b", "//a", "a:{port}0/$(X)", "10.0.0.300"],
    ...["wss://a", "a/{x}", "a b", "", "*.example.com"].filter((text) => text !== ""),
    ...["a/..", "a/../b", "a/{port}/../b", "a/./b", "a/%2e%2e/b", "a/.%2E/b"],
  ],
  TRUSTED_PROXIES: ["nginx", "10", "10/8", "10.0.0.0/0", "10.0.0.0/33", "10.0.0.1:80", "::1/x", "a,10.0.0.1"],
  NAMESPACE: ["..", ".", "a/b", "../x", ".incoming", "a b"],
  DATABASE_URL: ["mysql://u:p@h/d", "hunter2", "postgres://u:p@h/d?sslmode=foo", "postgres://u:p@h/d?sslmode=Require"],
  WAREHOUSE_URL: ["postgres://u:%zz@h/d", "postgres://u:p@h/d?sslmode=", "postgres://u:p@h1,h2/d"],
  REDIS_URL: [
    ...["redis://h/x", "http://h", "redis+sentinel://h:99999/main", "redis+sentinel://u:p/q@h/main"],
    ...["redis://:%ff@h", "redis+sentinel://:%ff@h/main"],
  ],
  SMTP_URL: ["smtp://u:%ff@h", "smtp://h?x=1"],
};

const MAIL = { MAIL_FROM: "a@b.example", PUBLIC_URL: "https://play.example.com", SMTP_URL: "smtp://h" };
const read = (variable: string, text: string) => readConfig([], { ...MAIL, [variable]: text });

function problemOf(variable: string, text: string): string {
  try {
    read(variable, text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    assert.ok(error.message.startsWith(`${variable}: invalid`) && !error.message.includes("\n"), error.message);
    return error.message;
  }
  return assert.fail(`${variable}=${text} is accepted`);
}

describe("settings with addresses, URLs and names", () => {
  for (const [variable, texts] of Object.entries(accepted))
    it(`${variable} may be ${texts.join(" or ")}`, () => {
      for (const text of texts) read(variable, text);
    });

  for (const [variable, texts] of Object.entries(refused))
    it(`${variable} cannot be ${texts.join(" or ")}`, () => {
      for (const text of texts) problemOf(variable, text);
    });

  it("say that a password in a URL must be percent-encoded, without a part of it", () => {
    for (const [variable, scheme] of [
      ["DATABASE_URL", "postgres"],
      ["WAREHOUSE_URL", "postgresql"],
      ["REDIS_URL", "redis"],
      ["SMTP_URL", "smtp"],
    ])
      for (const password of [
        "p/hunter2",
        "12/hunter2",
        "1,2/hunter2",
        "12#hunter2",
        "12?hunter2",
        "p@hunter2/x",
        "p@x?hunter2/y",
      ]) {
        const problem = problemOf(variable, `${scheme}://user:${password}@db.example.com:5432/game`);
        assert.match(problem, /a user or password contains @, \/, # or \?, which must be percent-encoded/);
        assert.doesNotMatch(problem, /hunter2/);
      }
  });

  it("never repeat a password that stands where none is expected, and refuse it in URLs that are logged", () => {
    const PLACES: Readonly<Record<string, readonly string[]>> = {
      OPERATOR_JWKS_URL: [
        "http://u:hunter2@id.example/keys",
        "https://:hunter2@id.example",
        "ftp://u:hunter2@id.example",
      ],
      AUTH_JWKS_URL: ["https://id.example/keys,https://u:hunter2@id.example", "https://hunter2@id.example"],
      OTEL_EXPORTER_OTLP_ENDPOINT: ["http://u:hunter2@collector:4318", "http://u:hunter2@"],
      PUBLIC_URL: ["https://u:hunter2@play.example.com"],
      PUBLIC_ADDRESS: ["u:hunter2@play.example.com"],
      CORS_ORIGINS: ["https://u:hunter2@play.example.com", "htps://u:hunter2@play.example.com"],
      FRAME_ANCESTORS: ["https://u:hunter2@play.example.com"],
      HOST: ["u:hunter2@play.example.com"],
      ADMIN_USER: ["op:hunter2", "hunter2:", ":hunter2"],
    };
    for (const [variable, texts] of Object.entries(PLACES))
      for (const text of texts) assert.doesNotMatch(problemOf(variable, text), /hunter2/);
    assert.match(
      problemOf("OPERATOR_JWKS_URL", "http://u:hunter2@id.example"),
      /^OPERATOR_JWKS_URL: invalid value \(not shown\): the URL contains a user or a password; expected /,
    );
    assert.equal(
      problemOf("ADMIN_USER", "op:hunter2"),
      "ADMIN_USER: invalid value (not shown): write the password into ADMIN_PASSWORD; expected a name without a colon",
    );
  });

  it("say that a database has one host, and which values sslmode may have", () => {
    for (const url of ["postgres://u:p@h1,h2/d", "postgres://u:p@h1:5432,h2:5432/d", "postgres:///d?host=h1,h2"])
      assert.match(
        problemOf("DATABASE_URL", url),
        /^DATABASE_URL: invalid value \(not shown\): several hosts are not supported: write one, /,
      );
    assert.match(
      problemOf("DATABASE_URL", "postgres://u:p@h/d?sslmode=foo"),
      /sslmode must be one of disable, no-verify, prefer, require, verify-ca, verify-full; expected /,
    );
  });

  it("HOST may have brackets around an IPv6 address, and is listened on without them", () => {
    assert.equal(read("HOST", "[::1]").host, "::1");
  });

  it("several processes on an IPv6 address get addresses that their own check accepts", () => {
    const env = { HOST: "::1", PROCESSES: "2", ROLES: "game,api" };
    const { games } = planProcesses(readConfig([], env), [2567, 2568]);
    const addresses = games.map(({ env: own }) => withPort(readConfig([], own).publicAddress!, Number(own.PORT)));
    assert.deepEqual(addresses, ["[::1]:2567", "[::1]:2568"]);
  });

  it("all spellings of the address that stands for all addresses are recognised", () => {
    assert.deepEqual(["::", "0:0::0", "0.0.0.0", "::1", "localhost"].map(isEveryAddress), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it("a Redis or a Sentinel with an IPv6 address is connected to", () => {
    assert.equal(redisLocation("redis://[::1]:6379").address, "[::1]:6379");
    assert.deepEqual(redisLocation("redis+sentinel://[::1],h:1/main").sentinel?.sentinels, [
      { host: "::1", port: 26_379 },
      { host: "h", port: 1 },
    ]);
  });
});

describe("CORS_ORIGINS", () => {
  const originsOf = (CORS_ORIGINS: string) => readConfig([], { CORS_ORIGINS }).corsOrigins;

  it("are the origins as a browser or an app sends them", () => {
    const text = "https://Play.example.com:443/, capacitor://localhost,ionic://localhost,tauri://localhost";
    assert.deepEqual(originsOf(text), [
      "https://play.example.com",
      ...["capacitor://localhost", "ionic://localhost", "tauri://localhost"],
    ]);
    assert.deepEqual(originsOf("*"), ["*"]);
    assert.deepEqual(originsOf("http://[::1]:5173"), ["http://[::1]:5173"]);
  });

  for (const [text, reason] of [
    ["https://*.example.com", /"https:\/\/\*\.example\.com" matches no page, because \* stands only for all origins/],
    ["https://*", /matches no page/],
    ["*.example.com", /is not an origin/],
    ["htps://play.example.com", /"htps:\/\/play\.example\.com" does not begin with one of http, https, app, capacitor/],
    ["https://a.example,https://play.example.com/game", /is more than an origin: write https:\/\/play\.example\.com;/],
    ["https://play.example.com?x", /is more than an origin/],
    ["capacitor://", /is not an origin/],
  ] as const)
    it(`refuse ${text}`, () => assert.match(problemOf("CORS_ORIGINS", text), reason));
});
