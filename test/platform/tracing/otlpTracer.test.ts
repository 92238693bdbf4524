import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import type { Logger } from "../../../src/platform/logging/Logger.ts";
import { openTracer } from "../../../src/platform/tracing/openTracer.ts";
import type { Span, Tracer } from "../../../src/platform/tracing/Tracer.ts";
import { Collector } from "../../main/Collector.ts";

const DELAY = { OTEL_BSP_SCHEDULE_DELAY: "3600000" };

describe("OtlpTracer", () => {
  const before = { ...process.env };
  let collector: Collector;
  let lines: string[] = [];

  beforeEach(async () => {
    collector = await Collector.start();
    lines = [];
  });

  afterEach(async () => {
    await collector.stop();
    for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) delete process.env[name];
    Object.assign(process.env, before);
  });

  function open(variables: Readonly<Record<string, string>> = {}): Promise<Tracer> {
    const add = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    const logger: Logger = { debug: add, info: add, warn: add, error: add };
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...DELAY, ...variables };
    return openTracer({ env, instance: "one", logger });
  }

  const span = (trace: string, more: Partial<Span> = {}): Span => ({ trace, name: "a", startMs: 1, endMs: 2, ...more });

  it("gives all spans of a UUID the same trace and root, in every process and in any order", async () => {
    const id = uuidv7();
    const [one, other] = [await open(), await open()];
    one.record(span(id, { name: "below" }));
    other.record(span(id.replaceAll("-", ""), { name: "root", isRoot: true }));
    one.record(span(randomUUID(), { isRoot: true }));
    await Promise.all([one.stop(), other.stop()]);
    const [first, second, ...more] = collector.trace(id);
    assert.equal(collector.spans.length, 3);
    assert.deepEqual(more, []);
    const [root, below] = first.name === "root" ? [first, second] : [second, first];
    assert.equal(below.parentSpanId, root.spanId);
    assert.equal(root.parentSpanId || undefined, undefined);
  });

  it("keeps the times of spans, those before the start of the process too, and never ends a span before its start", async () => {
    const id = uuidv7();
    const tracer = await open();
    tracer.record(span(id, { name: "early", startMs: 1000, endMs: 2500 }));
    tracer.record(span(id, { name: "turned back", startMs: 5000, endMs: 4000 }));
    await tracer.stop();
    assert.deepEqual(
      collector.trace(id).map(({ startTimeUnixNano, endTimeUnixNano }) => [startTimeUnixNano, endTimeUnixNano]),
      [
        ["1000000000", "2500000000"],
        ["5000000000", "5000000000"],
      ],
    );
  });

  it("ignores a UUID that cannot name a trace", async () => {
    const tracer = await open();
    for (const id of ["", "match", "00000000-0000-0000-0000-000000000000", `${"a".repeat(16)}${"0".repeat(16)}`])
      tracer.record(span(id));
    await tracer.stop();
    assert.deepEqual(collector.spans, []);
  });

  for (const sampler of ["traceidratio", "parentbased_traceidratio"])
    it(`sends either all spans of a trace or none with the sampler ${sampler}`, async () => {
      const variables = { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: "0.5" };
      const [one, other] = [await open(variables), await open(variables)];
      const ids = Array.from({ length: 100 }, () => randomUUID());
      for (const id of ids) {
        one.record(span(id, { isRoot: true }));
        other.record(span(id));
      }
      await Promise.all([one.stop(), other.stop()]);
      const counts = ids.map((id) => collector.trace(id).length);
      assert.deepEqual([...new Set(counts)].sort(), [0, 2]);
    });

  it("names a variable of OpenTelemetry that is wrong", async () => {
    const tracer = await open({ OTEL_TRACES_SAMPLER: "sometimes" });
    await tracer.stop();
    assert.match(lines.join("\n"), /OTEL_TRACES_SAMPLER/);
  });

  it("does not repeat a password in a variable of OpenTelemetry that is wrong", async () => {
    const tracer = await open({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://user:hunter2@collector:x" });
    await tracer.stop();
    assert.match(lines.join("\n"), /OpenTelemetry: Configuration: .*\(not shown\)/);
    assert.doesNotMatch(lines.join("\n"), /hunter2/);
  });

  it("sends nothing with OTEL_SDK_DISABLED", async () => {
    const tracer = await open({ OTEL_SDK_DISABLED: "true" });
    assert.equal(tracer.isOn, false);
  });
});
