import assert from "node:assert/strict";
import { untilReady } from "../../../src/main/health/untilReady.ts";
import type { Readiness } from "../../../src/platform/health/readiness.ts";
import { recordLines } from "../../platform/logging/recordLines.ts";

const broken = (...problems: string[]): Readiness => ({ ready: false, problems, warnings: [] });
const READY: Readiness = { ready: true, problems: [], warnings: ["a warning"] };

describe("waiting until /readyz answers 200", () => {
  /** Runs it with one answer a second; the last answer repeats. Resolves to the lines that were logged, and the seconds. */
  async function wait(answers: readonly Readiness[], stopAfter = Infinity) {
    const { lines, log } = recordLines();
    const stopping = new AbortController();
    let seconds = 0;
    await untilReady({
      readiness: async () => answers[Math.min(seconds, answers.length - 1)],
      log,
      signal: stopping.signal,
      now: () => seconds * 1000,
      pauses: {
        async wait() {
          if (++seconds >= stopAfter) stopping.abort();
        },
      },
    });
    return { lines, seconds };
  }

  it("says nothing about a start that takes a moment, and does not wait for warnings", async () => {
    const { lines, seconds } = await wait([broken("a"), broken("a"), READY]);
    assert.deepEqual(lines, []);
    assert.equal(seconds, 2);
  });

  it("says what it waits for: a new reason at once, the same one once a minute", async () => {
    const { lines } = await wait([...Array<Readiness>(70).fill(broken("a", "b")), broken("c"), READY]);
    const line = (reason: string) => `not ready yet, because /readyz reports: ${reason}`;
    assert.deepEqual(
      lines.map(([level, , text]) => [level, text]),
      [
        ["warn", line("a; b")],
        ["warn", line("a; b")],
        ["warn", line("c")],
      ],
    );
  });

  it("ends when the process is stopped", async () => {
    assert.equal((await wait([broken("a")], 3)).seconds, 3);
  });
});
