/** Guesses of operators' credentials: how many are checked, and whom they keep out. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from "jose";
import { OperatorIssuer } from "../../../src/api/operators/OperatorIssuer.ts";
import type { Operators } from "../../../src/api/operators/Operators.ts";
import type { OperatorsFile } from "../../../src/api/operators/OperatorsFile.ts";
import { Passwords } from "../../../src/players/identity/Passwords.ts";
import { basic, HERE, requestWith, testOperators } from "./testOperators.ts";

const admin = { user: "op", password: "operator-password" };
const RIGHT = basic(admin.user, admin.password);
/** Each in a network of its own. */
const elsewhere = (n: number) => `2001:db8:${n.toString(16)}::1`;

const outcome = (operators: Operators, authorization: string, from = HERE): Promise<string> =>
  operators.require(requestWith(authorization), from, "view").then(
    ({ name }) => name,
    ({ code, message }) => code ?? message,
  );

const fileOf = (...entries: object[]) => ({ entries: () => entries }) as unknown as OperatorsFile;

describe("guesses of an operator's password", () => {
  it("are limited for one name over all addresses, without keeping the operator out where the operator signed in before", async () => {
    const operators = testOperators({ admin });
    assert.equal(await outcome(operators, RIGHT), "op");
    const codes = [];
    for (let n = 0; n < 130; n++) codes.push(await outcome(operators, basic("op", `wrong ${n}`), elsewhere(n)));
    assert.equal(codes.filter((code) => code === "OPERATOR_ONLY").length, 100);
    assert.equal(codes.filter((code) => code === "TOO_MANY_REQUESTS").length, 30);
    assert.equal(await outcome(operators, RIGHT, elsewhere(999)), "TOO_MANY_REQUESTS");
    assert.equal(await outcome(operators, basic("op", "wrong")), "OPERATOR_ONLY", "forgets what is remembered here");
    assert.equal(await outcome(operators, RIGHT), "op");
  });

  it("that wait to be checked leave places for the passwords of operators who signed in from their address before", async () => {
    const passwords = new Passwords({ logN: 4, r: 1, p: 1 });
    const ana = { name: "ana", role: "view", passwordHash: await passwords.hash("ana's password") };
    const operators = testOperators({ file: fileOf(ana), passwords });
    const right = basic("ana", "ana's password");
    assert.equal(await outcome(operators, right), "ana");
    assert.equal(await outcome(operators, basic("ana", "wrong")), "OPERATOR_ONLY", "forgets what is remembered here");
    const guesses = Array.from({ length: 200 }, (_, n) =>
      outcome(operators, basic(`name ${n}`, "wrong"), elsewhere(n)),
    );
    assert.equal(await outcome(operators, right), "ana");
    assert((await Promise.all(guesses)).some((answer) => /too many password hashes/.test(answer)));
  });
});

describe("wrong credentials of a monitor", () => {
  it("on /readyz keep no operator at the same address from the tools, and are limited too", async () => {
    const passwords = new Passwords({ logN: 4, r: 1, p: 1 });
    const ana = { name: "ana", role: "view", passwordHash: await passwords.hash("ana's password") };
    const operators = testOperators({ admin, file: fileOf(ana), passwords });
    for (let n = 0; n < 40; n++)
      assert.equal(await operators.recognise(requestWith(basic("ana", `old ${n}`)), HERE), null);
    assert.equal(passwords.hashes, 21, "20 guesses were checked");
    assert.equal(await outcome(operators, RIGHT), "op");
    assert.equal(await outcome(operators, basic("ana", "ana's password")), "ana");
  });
});

describe("a bearer token", () => {
  /** Exceeds the limit of this address. */
  async function exceedLimit(operators: Operators) {
    for (let n = 0; n < 25; n++) await outcome(operators, basic("op", `wrong ${n}`));
    assert.equal(await outcome(operators, RIGHT), "TOO_MANY_REQUESTS");
  }

  it("that npm run operator made is accepted whatever others at its address guess", async () => {
    const token = randomBytes(32).toString("base64url");
    const tokenHash = `sha256:${createHash("sha256").update(token).digest("hex")}`;
    const operators = testOperators({ admin, file: fileOf({ name: "ci", role: "view", tokenHash }) });
    await exceedLimit(operators);
    assert.equal(await outcome(operators, `Bearer ${token}`), "ci");
    assert.equal(await outcome(operators, "Bearer wrong"), "TOO_MANY_REQUESTS");
  });

  it("of an issuer stays accepted until it expires, whatever others at its address guess", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256");
    const keys = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "ES256" }] });
    let nowMs = 1_800_000_000_000;
    const now = () => nowMs;
    const issuer = new OperatorIssuer({ issuer: "https://id", keys, audience: "hypogeum", roleClaim: "role", now });
    const operators = testOperators({ admin, issuer, now });
    const sign = async (sub: string) => {
      const jwt = new SignJWT({ sub, role: "view" }).setProtectedHeader({ alg: "ES256", kid: "1" });
      jwt
        .setIssuer("https://id")
        .setAudience("hypogeum")
        .setExpirationTime(nowMs / 1000 + 300);
      return `Bearer ${await jwt.sign(privateKey)}`;
    };
    const [known, other] = [await sign("ana"), await sign("bob")];
    assert.equal(await outcome(operators, known), "oidc:ana");
    await exceedLimit(operators);
    assert.equal(await outcome(operators, known), "oidc:ana");
    assert.equal(await outcome(operators, other), "TOO_MANY_REQUESTS");
    nowMs += 400_000;
    assert.equal(await outcome(operators, known), "TOO_MANY_REQUESTS", "an expired token is checked again");
  });
});
