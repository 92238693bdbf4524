/** What a collector of OpenTelemetry receives from a real process, and what changes if there is none. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client, type Room } from "@colyseus/sdk";
import { findFreePort } from "../../tools/services/ports.ts";
import { Program } from "../chaos/Program.ts";
import { untilAccepted } from "../chaos/untilAccepted.ts";
import { Collector, type ReceivedSpan } from "./Collector.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const PRINT_MODULES = path.join(import.meta.dirname, "printTracingModules.ts");
/** Kinds in OTLP. */
const [INTERNAL, SERVER, CONSUMER] = [1, 2, 5];

async function startProgram(dataDir: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const nodeArgs = ["--import", PRINT_MODULES];
  const program = await Program.start({ dataDir, nodeArgs, env: { GAMES, ...env } });
  await program.untilHealthy();
  return program;
}

async function signIn(url: string): Promise<Client> {
  const client = new Client(url);
  // Outside a browser the SDK keeps one token for all clients of the process, and assigns it a moment later.
  await new Promise(setImmediate);
  client.auth.token = undefined as never;
  await client.auth.signInAnonymously();
  return client;
}

/** All players fight. Resolves with the match id once the match has ended for all of them. */
async function fight(rooms: readonly Room<any, any>[]): Promise<string> {
  let matchId = "";
  await Promise.all(
    rooms.map(async (room) => {
      room.onMessage("facts", () => {});
      room.reconnection.enabled = false;
      const input: any = room.input();
      await new Promise<void>((resolve) => {
        room.onLeave(() => resolve());
        room.onStateChange((state: any) => {
          matchId = state.matchId;
          const me = state.players.get(room.sessionId);
          if (state.phase === "ended" || me === undefined) return resolve();
          const [moveX, aim] = me.team === 0 ? [127, 0] : [-127, 32_768];
          Object.assign(input.data, { moveX, moveY: 0, aim, buttons: 1 });
          input.send();
        });
      });
      void room.leave();
    }),
  );
  return matchId;
}

async function playOpenMatch(url: string): Promise<string> {
  const clients = [await signIn(url), await signIn(url)];
  const rooms: Room<any, any>[] = [];
  for (const client of clients)
    rooms.push(await untilAccepted(() => client.joinOrCreate<any>("arena", { mode: "duel" })));
  return fight(rooms);
}

async function playQueuedMatch(url: string): Promise<string> {
  const clients = [await signIn(url), await signIn(url)];
  const rooms = await Promise.all(
    clients.map(async (client) => {
      const queue = await untilAccepted(() => client.joinOrCreate<any>("queue", { mode: "duel", strategy: "elo" }));
      const closed = new Promise<number>((resolve) => queue.onLeave(resolve));
      const seat = await new Promise<any>((resolve) => queue.onMessage("seat", resolve));
      const room = await client.consumeSeatReservation<any>(seat);
      queue.send("confirm");
      await closed;
      return room;
    }),
  );
  return fight(rooms);
}

async function untilRanked({ url, output }: Program, players: number): Promise<void> {
  for (const deadline = performance.now() + 120_000; ; await pause(100)) {
    const answer = await fetch(`${url}/api/v1/rankings?mode=duel`);
    if (answer.ok && ((await answer.json()) as { total: number }).total === players) return;
    assert.ok(performance.now() < deadline, `the players are not ranked: ${output}`);
  }
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
    let queued = "";

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
      open = await playOpenMatch(program.url);
      queued = await playQueuedMatch(program.url);
      await untilRanked(program, 4);
      const refused = await signIn(program.url);
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

    it("have one trace for each match, whose id is that of the match, from its end to the ranking", () => {
      const spans = collector.trace(open);
      assert.deepEqual(names(spans), ["commit ended", "match", "process logs_match", "rate match", "refresh ranking"]);
      for (const span of spans) {
        const isRoot = span.name === "match";
        assert.equal(span.parentSpanId || undefined, isRoot ? undefined : rootOf(open), span.name);
        assert.equal(span.spanId === rootOf(open), isRoot, span.name);
        assert.equal(span.kind, span.name === "process logs_match" ? CONSUMER : INTERNAL, span.name);
        assert.equal(span.status.code, 0, span.name);
        assert.ok(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano), span.name);
      }
      const [root] = spans;
      assert.equal(root.name, "match");
      assert.equal(root.attributes["hypogeum.match.id"], open);
      assert.equal(root.attributes["hypogeum.mode"], "duel");
      // A match of the queue has two more spans for each player.
      assert.deepEqual(names(collector.trace(queued)), [
        ...["commit ended", "match", "process logs_match", "rate match", "refresh ranking"],
        ...["take seat", "take seat", "wait in queue", "wait in queue"],
      ]);
    });

    it("have one trace for each join, which refers to the match, from the request to the seat", () => {
      const seats = collector.spans.filter(
        ({ name, links }) => name === "take seat" && links.some(({ spanId }) => spanId === rootOf(open)),
      );
      assert.equal(new Set(seats.map(({ traceId }) => traceId)).size, 2);
      for (const seat of seats) {
        assert.equal(seat.links[0].traceId, open.replaceAll("-", ""));
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
      }
    });

    it("have the code of a refused join, which is no error of the server", () => {
      const [refused, ...others] = collector.spans.filter(({ attributes }) => attributes["error.type"] !== undefined);
      assert.deepEqual(others, []);
      assert.equal(refused.attributes["error.type"], "MODE_UNKNOWN");
      assert.equal(refused.attributes["http.response.status_code"], 534);
      assert.equal(refused.status.code, 0);
    });
  });

  it("are not made without OTEL_EXPORTER_OTLP_ENDPOINT, and no thread loads OpenTelemetry", async () => {
    const program = await startProgram(newFolder(), { OTEL_SERVICE_NAME: "the arena" });
    try {
      await playOpenMatch(program.url);
      await untilRanked(program, 2);
    } finally {
      await program.stop();
    }
    // prom-client needs its API.
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
      await playOpenMatch(program.url);
      await untilRanked(program, 2);
      assert.deepEqual(await program.reported(), []);
    } finally {
      await program.stop();
    }
    assert.equal(await program.ended, 0);
    const lines = program.output.split("\n").filter((line) => /OTEL_|[Oo]pen[Tt]elemetry|traces/.test(line));
    const logged = lines.filter((line) => line.startsWith("{"));
    assert.equal(logged.length, 1, program.output);
    assert.match(
      logged[0],
      /OTEL_EXPORTER_OTLP_ENDPOINT: traces cannot be sent .* ECONNREFUSED|ECONNREFUSED.*traces cannot be sent/,
    );
    assert.doesNotMatch(program.output, /unhandled|Error:/);
  });
});
