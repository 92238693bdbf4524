/** Who is an operator, with which role: by file, by token, by an issuer, by ADMIN_USER. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from "jose";
import { GuessLimits } from "../../../src/api/operators/GuessLimits.ts";
import type { OperatorRole } from "../../../src/api/operators/Operator.ts";
import { OperatorIssuer } from "../../../src/api/operators/OperatorIssuer.ts";
import type { Operators } from "../../../src/api/operators/Operators.ts";
import { OperatorsFile, OperatorsFileError } from "../../../src/api/operators/OperatorsFile.ts";
import { Passwords } from "../../../src/players/identity/Passwords.ts";
import { basic, HERE, requestWith, testOperators } from "./testOperators.ts";

async function outcome(operators: Operators, authorization: string | undefined, role: OperatorRole, from = HERE) {
  return operators.require(requestWith(authorization), from, role).then(
    ({ name }) => name,
    ({ code }) => code,
  );
}

describe("operators of a file", () => {
  const passwords = new Passwords({ logN: 4, r: 1, p: 1 });
  const token = randomBytes(32).toString("base64url");
  let directory: string;
  let file: string;
  let problems: (string | null)[];

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "operators-"));
    file = path.join(directory, "operators.json");
    problems = [];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const write = (operators: unknown) => writeFileSync(file, JSON.stringify({ operators }));
  const open = () => testOperators({ file: new OperatorsFile(file, (line) => problems.push(line)), passwords });
  const ana = async (role: string, password = "ana's password") => ({
    ...{ name: "ana", role },
    passwordHash: await passwords.hash(password),
  });

  it("have what their role allows, and nothing else", async () => {
    const tokenHash = `sha256:${createHash("sha256").update(token).digest("hex")}`;
    write([await ana("moderate"), { name: "ci", role: "view", tokenHash }]);
    const operators = open();
    const [byPassword, byToken] = [basic("ana", "ana's password"), `Bearer ${token}`];
    const roles = ["view", "moderate", "administer"] as const;
    const results = (given: string) => Promise.all(roles.map((role) => outcome(operators, given, role)));
    assert.deepEqual(await results(byPassword), ["ana", "ana", "OPERATOR_ROLE"]);
    assert.deepEqual(await results(byToken), ["ci", "OPERATOR_ROLE", "OPERATOR_ROLE"]);
    for (const wrong of [basic("ana", "wrong"), basic("bob", "ana's password"), "Bearer x", "Basic", undefined])
      assert.equal(await outcome(operators, wrong, "view"), "OPERATOR_ONLY");
  });

  it("change with the file: a new role, a new password, a removal", async () => {
    write([await ana("view")]);
    const operators = open();
    const given = basic("ana", "ana's password");
    assert.equal(await outcome(operators, given, "view"), "ana");
    const hashes = passwords.hashes;
    assert.equal(await outcome(operators, given, "view"), "ana");
    assert.equal(passwords.hashes, hashes, "a password that was correct is not hashed at each request");
    write([await ana("administer")]);
    assert.equal(await outcome(operators, given, "administer"), "ana");
    write([await ana("administer", "another password")]);
    assert.equal(await outcome(operators, given, "view"), "OPERATOR_ONLY");
    write([]);
    assert.equal(await outcome(operators, basic("ana", "another password"), "view"), "OPERATOR_ONLY");
    assert.deepEqual(problems, [null, null, null]);
  });

  it("stay as they were while the changed file cannot be used, and the reason is reported", async () => {
    write([await ana("view")]);
    const operators = open();
    writeFileSync(file, "{");
    assert.equal(await outcome(operators, basic("ana", "ana's password"), "view"), "ana");
    assert.match(problems.join(), /^OPERATORS_FILE: cannot read .*not JSON.* remain valid$/);
  });

  it("are refused at the start with one line: the file, an entry, a name that occurs twice", async () => {
    const entry = await ana("view");
    const refused = (pattern: RegExp) =>
      assert.throws(
        () => new OperatorsFile(file, () => {}),
        (error) => error instanceof OperatorsFileError && pattern.test(error.message) && !error.message.includes("\n"),
      );
    refused(/^OPERATORS_FILE: cannot read .*ENOENT/);
    write([{ ...entry, role: "root" }]);
    refused(/^OPERATORS_FILE: operators\.0\.role: /);
    write([{ name: "ana", role: "view" }]);
    refused(/expected passwordHash or tokenHash/);
    write([entry, entry]);
    refused(/expected a different name for each operator/);
  });

  it("cannot have the name of ADMIN_USER, at the start or later, because the log of acts could not distinguish the two", async () => {
    const message = /^OPERATORS_FILE: operators\.1\.name: expected a name that differs from ADMIN_USER/;
    const open = () => new OperatorsFile(file, (line) => problems.push(line), "root");
    const [named, other] = [{ ...(await ana("view")), name: "root" }, await ana("view")];
    write([other, named]);
    assert.throws(open, (error) => error instanceof OperatorsFileError && message.test(error.message));
    write([other]);
    const opened = open();
    write([other, named]);
    assert.deepEqual(opened.entries(), [other]);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, message);
  });
});

describe("operators of an issuer", () => {
  it("need its signature, its audience, and a role in the claim", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const other = await generateKeyPair("ES256");
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] });
    const issuer = new OperatorIssuer({ issuer: "https://id", keys, audience: "hypogeum", roleClaim: "access.roles" });
    const operators = testOperators({ issuer });
    const sign = async (claims: object, { aud = "hypogeum", iss = "https://id", key = privateKey } = {}) => {
      const jwt = new SignJWT({ sub: "ana", ...claims }).setProtectedHeader({ alg: "ES256", kid: "1" });
      return `Bearer ${await jwt.setIssuer(iss).setAudience(aud).setExpirationTime("1h").sign(key)}`;
    };
    const roles = (...list: string[]) => ({ access: { roles: list } });
    assert.equal(await outcome(operators, await sign(roles("x", "moderate", "view")), "moderate"), "oidc:ana");
    assert.equal(await outcome(operators, await sign(roles("moderate")), "administer"), "OPERATOR_ROLE");
    const refused = [
      sign(roles("owner")),
      sign({}),
      sign(roles("view"), { aud: "another program" }),
      sign(roles("view"), { iss: "https://other" }),
      sign(roles("view"), { key: other.privateKey }),
    ];
    for (const given of refused) assert.equal(await outcome(operators, await given, "view"), "OPERATOR_ONLY");
  });
});

describe("the operator of ADMIN_USER", () => {
  const admin = { user: "op", password: "operator-password" };

  it("may do everything", async () => {
    assert.equal(await outcome(testOperators({ admin }), basic("op", "operator-password"), "administer"), "op");
    assert.equal(await outcome(testOperators(), basic("op", "operator-password"), "view"), "OPERATOR_ONLY");
  });

  it("cannot be guessed by many requests, also parallel ones; a correct password is not counted", async () => {
    const operators = testOperators({ admin });
    const guess = (password: string, from = HERE) => outcome(operators, basic("op", password), "view", from);
    for (let n = 0; n < 30; n++) assert.equal(await guess("operator-password"), "op");
    const codes = await Promise.all(Array.from({ length: 30 }, (_, n) => guess(`wrong ${n}`)));
    assert.equal(codes.filter((code) => code === "OPERATOR_ONLY").length, 20);
    assert.equal(codes.filter((code) => code === "TOO_MANY_REQUESTS").length, 10);
    assert.equal(await guess("operator-password"), "TOO_MANY_REQUESTS");
    assert.equal(await guess("operator-password", "192.0.2.2"), "op");
  });

  it("is remembered for the address it came from, so that a frozen Redis delays nobody who was admitted", async () => {
    const guesses = new GuessLimits({ redis: null, namespace: "" });
    let counted = 0;
    const operators = testOperators({
      admin,
      guesses: { count: (of, work) => guesses.count(of, (isKnown) => work(isKnown).finally(() => counted++)) },
    });
    const guess = (password: string, from = HERE) => outcome(operators, basic("op", password), "administer", from);
    for (let n = 0; n < 3; n++) assert.equal(await guess("operator-password"), "op");
    assert.equal(counted, 1);
    assert.equal(await guess("operator-password", "192.0.2.2"), "op");
    assert.equal(counted, 2);
    assert.equal(await guess("wrong"), "OPERATOR_ONLY");
    assert.equal(await guess("operator-password"), "op");
    assert.equal(counted, 4, "after a wrong password from the same address, the correct one is counted again");
  });

  it("stays remembered beside another operator at the same address", async () => {
    const passwords = new Passwords({ logN: 4, r: 1, p: 1 });
    const ana = { name: "ana", role: "view", passwordHash: await passwords.hash("ana's password") } as const;
    const file = { entries: () => [ana] } as unknown as OperatorsFile;
    let counted = 0;
    const count: GuessLimits["count"] = (_guess, work) => work(true).finally(() => counted++);
    const operators = testOperators({ admin, file, passwords, guesses: { count } });
    for (let n = 0; n < 3; n++) {
      assert.equal(await outcome(operators, basic("op", "operator-password"), "view"), "op");
      assert.equal(await outcome(operators, basic("ana", "ana's password"), "view"), "ana");
    }
    assert.equal(counted, 2);
  });

  it("cannot be made to act or read by a page of another site, whose requests have the password too", async () => {
    const operators = testOperators({ admin, publicUrl: "https://play.example/" });
    const from = (headers: Record<string, string>, role: OperatorRole, method = "GET") => {
      const request = requestWith(basic("op", "operator-password"), { host: "game.example:2567", ...headers });
      return operators.require(Object.assign(request, { method }), HERE, role);
    };
    const refused = async (headers: Record<string, string>, roles: readonly OperatorRole[], method?: string) => {
      for (const role of roles)
        await assert.rejects(from(headers, role, method), { code: "CROSS_SITE" }, JSON.stringify(headers));
    };
    const accepted = async (headers: Record<string, string>, roles: readonly OperatorRole[], method?: string) => {
      for (const role of roles) await from(headers, role, method);
    };
    const [reads, acts, all] = [["view"], ["moderate", "administer"], ["view", "moderate", "administer"]] as const;
    for (const site of ["cross-site", "same-site", "other"]) await refused({ "sec-fetch-site": site }, all);
    await accepted({ "sec-fetch-site": "same-origin" }, all);
    // Of a link outside the browser, such as in a mail, or of a typed address.
    const outside = { "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    await accepted(outside, reads);
    for (const method of ["GET", "POST"]) {
      await refused(outside, acts, method);
      for (const origin of ["null", "https://evil.example"]) await refused({ ...outside, origin }, acts, method);
      await accepted({ ...outside, origin: "http://game.example:2567" }, acts, method);
    }
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    await accepted(link, reads);
    await refused(link, acts);
    await refused(link, all, "POST");
    await refused({ ...link, "sec-fetch-dest": "iframe" }, all);

    // Browsers send no Sec-Fetch-Site over plain HTTP.
    for (const origin of ["https://evil.example", "null", "http://game.example", "http://game.example:2568", ""])
      await refused({ origin }, all);
    await accepted({ origin: "http://game.example:2567" }, all);
    await accepted({ origin: "https://play.example" }, all);
    await refused({ referer: "https://evil.example/page" }, acts);
    await accepted({ referer: "http://game.example:2567/monitor/" }, acts);
    const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" };
    await refused(browser, acts);
    await accepted(browser, reads);
    await accepted({ "user-agent": "curl/8.5.0" }, all);
  });

  it("loses no guesses to pages of other sites, and no password is judged for them", async () => {
    let counted = 0;
    const count: GuessLimits["count"] = (_guess, work) => {
      counted++;
      return work(true);
    };
    const operators = testOperators({ admin, guesses: { count } });
    const page = { host: "game.example", origin: "https://evil.example" };
    for (const password of ["wrong", "operator-password"]) {
      const request = requestWith(basic("op", password), page);
      await assert.rejects(operators.require(request, HERE, "view"), { code: "CROSS_SITE" });
      assert.equal(await operators.recognise(request, HERE), null);
    }
    assert.equal(counted, 0);
  });
});
