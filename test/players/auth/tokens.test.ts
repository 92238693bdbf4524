/** The keys, issuer and audience of tokens, and tokens that only join. */
import assert from "node:assert/strict";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { Tokens } from "../../../src/players/auth/Tokens.ts";

const [A, B] = ["the first secret, which is long enough", "the second secret, which is long enough"];
const player = { playerId: "p", kind: "account", version: 3 } as const;
const INVALID = { refusal: "TOKEN_INVALID" };

const signBy = (secret: string, claims: object, header: object) =>
  new SignJWT({ sub: "p", kind: "account", ver: 3, ...claims })
    .setProtectedHeader({ alg: "HS256", ...header })
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secret));

describe("tokens", () => {
  it("stay valid while their key is changed, and are refused once the old key is no longer accepted", async () => {
    const before = new Tokens(A);
    const first = await before.sign(player);
    const prepared = new Tokens(A, { accepted: [B] });
    const changed = new Tokens(B, { accepted: [A] });
    const second = await changed.sign(player);
    assert.notEqual(decodeProtectedHeader(first).kid, decodeProtectedHeader(second).kid);
    for (const tokens of [prepared, changed])
      for (const token of [first, second]) assert.deepEqual(await tokens.verify(token), { ...player, use: "all" });
    const after = new Tokens(B);
    assert.deepEqual(await after.verify(second), { ...player, use: "all" });
    await assert.rejects(after.verify(first), INVALID);
    await assert.rejects(before.verify(second), INVALID);
  });

  it("name their key, issuer and audience, and disclose no key", async () => {
    const token = await new Tokens(A).sign(player);
    const { alg, kid, ...further } = decodeProtectedHeader(token);
    assert.equal(alg, "HS256");
    assert.match(kid!, /^[0-9a-f]{12}$/);
    assert.deepEqual(further, {});
    const { exp, ...claims } = decodeJwt(token);
    assert.equal(typeof exp, "number");
    assert.deepEqual(claims, { sub: "p", kind: "account", ver: 3, iss: "hypogeum", aud: "hypogeum" });
  });

  it("are refused with another issuer, another audience, another key id or none of them", async () => {
    const tokens = new Tokens(A, { accepted: [B] });
    const { kid } = decodeProtectedHeader(await tokens.sign(player));
    const own = { iss: "hypogeum", aud: "hypogeum" };
    assert.equal((await tokens.verify(await signBy(A, own, { kid }))).playerId, "p");
    for (const [secret, claims, header] of [
      [A, { ...own, iss: "other" }, { kid }],
      [A, { ...own, aud: "other" }, { kid }],
      [A, { ...own, aud: ["hypogeum", "other"] }, { kid }],
      [A, { iss: "hypogeum" }, { kid }],
      [A, {}, { kid }],
      [A, own, { kid: "000000000000" }],
      [B, own, { kid }],
      [A, { iss: "other" }, {}],
      [A, { aud: "other" }, {}],
    ] as const)
      await assert.rejects(
        tokens.verify(await signBy(secret, claims, header)),
        INVALID,
        JSON.stringify([claims, header]),
      );
  });

  it("that were issued before keys had ids stay valid, with any accepted key", async () => {
    for (const secret of [A, B]) {
      const token = await signBy(secret, {}, {});
      assert.deepEqual(await new Tokens(A, { accepted: [B] }).verify(token), { ...player, use: "all" });
    }
    await assert.rejects(new Tokens(A).verify(await signBy(B, {}, {})), INVALID);
  });

  it("that only join end after a minute", async () => {
    let now = Date.now();
    const tokens = new Tokens(A, { now: () => now });
    const token = await tokens.sign({ ...player, use: "join" });
    now += 59_000;
    assert.deepEqual(await tokens.verify(token), { ...player, use: "join" });
    now += 1_000;
    await assert.rejects(tokens.verify(token), { refusal: "TOKEN_EXPIRED" });
  });
});
