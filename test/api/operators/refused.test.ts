/** The traces of refused operators: a count of each refusal, and lines in the log. */
import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import type { OperatorRole } from "../../../src/api/operators/Operator.ts";
import type { OperatorsFile } from "../../../src/api/operators/OperatorsFile.ts";
import { reportRefusals } from "../../../src/main/api/reportRefusals.ts";
import { Metrics } from "../../../src/main/metrics/metrics.ts";
import { Passwords } from "../../../src/players/identity/Passwords.ts";
import { basic, HERE, testOperators } from "./testOperators.ts";

describe("refused operators", () => {
  const passwords = new Passwords({ logN: 4, r: 1, p: 1 });
  let nowMs: number;
  let lines: any[];
  let metrics: Metrics;
  let ask: (
    authorization: string | undefined,
    from?: string,
    role?: OperatorRole,
    headers?: object,
  ) => Promise<unknown>;
  let read: (authorization: string) => Promise<unknown>;

  beforeEach(async () => {
    nowMs = 0;
    lines = [];
    metrics = new Metrics();
    const ana = { name: "ana", role: "view", passwordHash: await passwords.hash("ana's password") };
    const operators = testOperators({
      admin: { user: "op", password: "operator-password" },
      file: { entries: () => [ana] } as unknown as OperatorsFile,
      passwords,
      onRefused: reportRefusals({
        metrics,
        log: { warn: (fields: object) => void lines.push(fields) },
        now: () => nowMs,
      }),
    });
    const request = (url: string, headers: object) =>
      ({ method: "GET", url: "/x", originalUrl: url, headers }) as unknown as IncomingMessage;
    ask = (authorization, from = HERE, role = "view", headers = {}) =>
      operators
        .require(request("/monitor/api?token=secret", { authorization, ...headers }), from, role)
        .catch(() => null);
    read = (authorization) => operators.recognise(request("/readyz", { authorization }), HERE);
  });

  const counted = async () =>
    Object.fromEntries(
      (await metrics.registry.getSingleMetric("hypogeum_operator_refused_total")!.get()).values
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => [labels.reason, value]),
    );

  it("leave a line with address, name, route and code, once a minute for each address and code, and are all counted", async () => {
    for (let n = 0; n < 22; n++) await ask(basic("ana", `wrong ${n}`));
    await ask(basic("op", "wrong"), "192.0.2.2");
    await ask(basic("ana", "ana's password"), "192.0.2.3", "moderate");
    await ask(basic("op", "operator-password"), "192.0.2.4", "moderate", { "sec-fetch-site": "cross-site" });
    const route = "GET /monitor/api";
    assert.deepEqual(lines, [
      { address: HERE, operator: "ana", route, code: "OPERATOR_ONLY" },
      { address: HERE, operator: "ana", route, code: "TOO_MANY_REQUESTS" },
      { address: "192.0.2.2", operator: "op", route, code: "OPERATOR_ONLY" },
      { address: "192.0.2.3", operator: "ana", route, code: "OPERATOR_ROLE" },
      { address: "192.0.2.4", operator: "op", route, code: "CROSS_SITE" },
    ]);
    assert.deepEqual(await counted(), { OPERATOR_ONLY: 21, TOO_MANY_REQUESTS: 2, OPERATOR_ROLE: 1, CROSS_SITE: 1 });
    nowMs += 60_000;
    await ask(basic("ana", "wrong"));
    assert.deepEqual(lines.slice(5), [
      { address: HERE, operator: "ana", route, code: "TOO_MANY_REQUESTS", omitted: 1 },
    ]);
  });

  it("on /readyz too", async () => {
    await read(basic("op", "wrong"));
    assert.deepEqual(lines, [{ address: HERE, operator: "op", route: "GET /readyz", code: "OPERATOR_ONLY" }]);
  });

  it("have no unknown name in the line, because it may be a password", async () => {
    await ask(basic("operator-password", "op"));
    await ask("Bearer x", "192.0.2.2");
    assert.deepEqual(
      lines.map(({ operator }) => operator),
      [null, null],
    );
  });

  it("cannot flood the log from many addresses", async () => {
    for (let n = 0; n < 200; n++) await ask(basic(`name ${n}`, "wrong"), `2001:db8:${n.toString(16)}::1`);
    assert.equal(lines.length, 60);
    assert.deepEqual(await counted(), { OPERATOR_ONLY: 200 });
  });

  it("are not the requests without credentials, which browsers send first", async () => {
    await ask(undefined);
    assert.deepEqual([lines, await counted()], [[], {}]);
  });
});
