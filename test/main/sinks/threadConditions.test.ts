import assert from "node:assert/strict";
import { HealthOfThread, ThreadConditions, unlessStanding } from "../../../src/main/sinks/ThreadConditions.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";

const AWAY = "DATABASE_URL: PostgreSQL is unavailable";

describe("the conditions of a thread", () => {
  let logged: string[];
  let process: Health;
  let reported: ThreadConditions;
  let thread: HealthOfThread;
  beforeEach(() => {
    logged = [];
    const log = (_fields: object, line: string) => void logged.push(line);
    process = new Health({ info: log, warn: log });
    reported = new ThreadConditions(process, "sinks");
    thread = new HealthOfThread(reported);
  });

  it("are logged once, whichever thread reports them first, and again when they hold in no thread", () => {
    thread.report("warehouse: reads", AWAY, "sinks");
    process.report("operational database: reads", AWAY);
    process.clear("operational database: reads");
    assert.deepEqual(logged, [AWAY]);
    thread.clear("warehouse: reads");
    assert.deepEqual(logged, [AWAY, `no longer: ${AWAY}`]);
  });

  it("stand in both threads", () => {
    thread.report("warehouse: reads", AWAY, "sinks");
    assert.deepEqual(thread.standing(), [{ line: AWAY, breaks: "sinks" }]);
    assert.deepEqual(process.standing(), [{ line: AWAY, breaks: "sinks" }]);
  });

  it("end with the thread", () => {
    thread.report("warehouse: reads", AWAY);
    thread.report("retention of lake", "no bucket");
    process.report("operational database: reads", AWAY);
    reported.clearAll();
    assert.deepEqual(process.standing(), [{ line: AWAY, breaks: null }]);
  });

  it("keep a handler that fails for the same reason from logging a warning", () => {
    const warned: string[] = [];
    const logger = unlessStanding({ ...silent, warn: (_fields, text) => void warned.push(text) }, () =>
      thread.standing().map(({ line }) => line),
    );
    thread.report("warehouse: reads", AWAY);
    logger.warn({ error: AWAY }, "the handler could not handle messages");
    logger.warn({ error: "another" }, "the handler failed");
    thread.clear("warehouse: reads");
    logger.warn({ error: AWAY }, "the handler could not handle messages");
    assert.deepEqual(warned, ["the handler failed", "the handler could not handle messages"]);
  });
});
