/** What a collector of OpenTelemetry receives from a real process, and what changes if there is none. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { findFreePort } from "../../tools/services/ports.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { Collector, type ReceivedSpan } from "./Collector.ts";
import { GAMES, playOpenMatch, playRankedMatch, untilStored } from "./tracedPlay.ts";

const PRINT_MODULES = path.join(import.meta.dirname, "printTracingModules.ts");
/** Kinds in OTLP. */
const [INTERNAL, SERVER, CONSUMER] = [1, 2, 5];

async function startProgram(dataDir: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const nodeArgs = ["--import", PRINT_MODULES];
  const program = await Program.start({ dataDir, nodeArgs, env: { GAMES, ...env } });
  await program.untilHealthy();
  return program;
}

const names = (spans: readonly ReceivedSpan[]): string[] => spans.map(({ name }) => name).sort();
const rootOf = (uuid: string): string => uuid.replaceAll("-", "").slice(16);
const tracingModules = ({ output }: Program): string[] => output.match(/^loads @opentelemetry\/.*$/gm) ?? [];

describe("traces", function () {
  this.timeout(240_000);
  const folders: string[] = [];
  const newFolder = () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
    folders.push(folder);
    return folder;
  };

  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  describe("with a collector", () => {
    let collector: Collector;
    let program: Program;
    let open = "";
    let ranked = "";

    before(async () => {
      collector = await Collector.start();
      program = await startProgram(newFolder(), {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-team=arena",
        OTEL_SERVICE_NAME: "the arena",
        PROCESS_NAME: "one",
        // Longer than the test, so that all spans are sent by the stop.
        OTEL_BSP_SCHEDULE_DELAY: "3600000",
      });
      open = await playOpenMatch(program);
      await untilStored(program, open);
      ranked = await playRankedMatch(program);
      const refused = await guest(program.url);
      await assert.rejects(refused.joinOrCreate("arena", { mode: "none" }), /MODE_UNKNOWN/);
      assert.equal(collector.spans.length, 0);
      await program.stop();
    });

    after(async () => {
      await program?.kill();
      await collector?.stop();
    });

    it("are sent by a graceful stop, with the standard variables of OpenTelemetry", () => {
      assert.ok(collector.spans.length > 0, program.output);
      assert.equal(collector.headers["x-team"], "arena");
      for (const { resource } of collector.spans) {
        assert.equal(resource["service.name"], "the arena");
        assert.equal(resource["service.instance.id"], "one");
      }
      assert.ok(tracingModules(program).some((line) => line.includes("OtlpTracer")));
    });

    it("have one trace for each match, whose id is that of the match, from the queue to the ranking", () => {
      const spans = collector.trace(ranked);
      assert.deepEqual(names(spans), [
        ...["commit ended", "match", "process logs_match", "refresh ranking", "store result"],
        ...["take seat", "take seat", "wait in queue", "wait in queue"],
      ]);
      for (const span of spans) {
        const isRoot = span.name === "match";
        assert.equal(span.parentSpanId || undefined, isRoot ? undefined : rootOf(ranked), span.name);
        assert.equal(span.spanId === rootOf(ranked), isRoot, span.name);
        assert.equal(span.kind, span.name === "process logs_match" ? CONSUMER : INTERNAL, span.name);
        assert.equal(span.status.code, 0, span.name);
        assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name);
      }
      const { attributes } = spans.find(({ name }) => name === "match")!;
      assert.deepEqual(attributes, {
        "hypogeum.match.id": ranked,
        "hypogeum.mode": "duel",
        "hypogeum.match.end": "time",
      });
      assert.deepEqual(
        names(collector.trace(open)).filter((name) => name !== "refresh ranking"),
        ["commit ended", "match", "process logs_match", "store result"],
      );
    });

    it("have one trace for each join, which refers to the match, from the request to the seat", () => {
      const [seat, ...more] = collector.spans.filter(({ name, links }) => name === "take seat" && links.length > 0);
      assert.deepEqual(more, []);
      assert.deepEqual(
        seat.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
        [{ traceId: open.replaceAll("-", ""), spanId: rootOf(open) }],
      );
      const [request, ...others] = collector.trace(seat.traceId);
      assert.deepEqual(others, [seat]);
      assert.equal(seat.parentSpanId, request.spanId);
      assert.equal(request.parentSpanId || undefined, undefined);
      assert.equal(request.name, "POST /matchmake/:method/:target");
      assert.equal(request.kind, SERVER);
      assert.deepEqual(request.attributes, {
        "http.request.method": "POST",
        "http.route": "/matchmake/:method/:target",
        "http.response.status_code": 200,
        "hypogeum.join.method": "joinOrCreate",
        "hypogeum.join.target": "arena",
        "hypogeum.mode": "duel",
        "hypogeum.region": "local",
      });
    });

    it("have the code of a refused join, which is no error of the server", () => {
      const [refused, ...others] = collector.spans.filter(({ attributes }) => attributes["error.type"] !== undefined);
      assert.deepEqual(others, []);
      assert.equal(refused.attributes["error.type"], "MODE_UNKNOWN");
      assert.equal(refused.attributes["http.response.status_code"], 534);
      assert.equal(refused.status.code, 0);
    });
  });

  it("are not made without OTEL_EXPORTER_OTLP_ENDPOINT, and no thread loads the SDK of OpenTelemetry", async () => {
    const program = await startProgram(newFolder(), { OTEL_SERVICE_NAME: "the arena" });
    try {
      await playRankedMatch(program);
    } finally {
      await program.stop();
    }
    // prom-client needs the API.
    assert.deepEqual(
      tracingModules(program).filter((line) => !/^loads @opentelemetry\/api in .*\/prom-client\//.test(line)),
      [],
    );
  });

  it("harm nothing while the collector does not answer, and one line says so", async () => {
    const absent = `http://127.0.0.1:${await findFreePort([])}`;
    const program = await startProgram(newFolder(), {
      OTEL_EXPORTER_OTLP_ENDPOINT: absent,
      OTEL_EXPORTER_OTLP_TIMEOUT: "200",
      OTEL_BSP_SCHEDULE_DELAY: "100",
      OTEL_BSP_MAX_QUEUE_SIZE: "2",
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "2",
    });
    try {
      await playRankedMatch(program);
      assert.deepEqual(await program.reported(), []);
    } finally {
      await program.stop();
    }
    assert.equal(await program.ended, 0);
    const lines = program.output.split("\n").filter((line) => line.includes('"part":"tracing"'));
    assert.equal(lines.length, 1, program.output);
    assert.match(lines[0], /ECONNREFUSED/);
    assert.match(lines[0], /OTEL_EXPORTER_OTLP_ENDPOINT: traces cannot be sent/);
    assert.doesNotMatch(program.output, /unhandled|Error:/);
  });
});
