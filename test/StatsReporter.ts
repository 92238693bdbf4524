/**
 * Mocha's `spec` reporter, which also appends one line `passes failures pending` to the file named by MOCHA_STATS_FILE, and each
 * failure to the file named by MOCHA_FAILURES_FILE. A script can then sum up several runs without parsing the readable output, and
 * repeat the failures at the end of its log, where a reader looks first. Ends with the slowest files.
 */
import { appendFileSync } from "node:fs";
import Mocha from "mocha";
import { FileTimes } from "./FileTimes.ts";

/** At most this many characters of an error's text go to MOCHA_FAILURES_FILE. */
const FAILURE_TEXT_MAX = 1500;

export default class StatsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const times = new FileTimes(runner);
    // The summary comes at the end of a run that may take half an hour, so each error is printed at once, too.
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (test, error) => {
      console.log(`       ${error?.message ?? error}`);
      const failures = process.env.MOCHA_FAILURES_FILE;
      const text = `${error?.stack ?? error}`.slice(0, FAILURE_TEXT_MAX);
      if (failures !== undefined) appendFileSync(failures, `FAILED: ${test.fullTitle()}\n${text}\n\n`);
    });
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const slowest = times.lines();
      if (slowest.length > 0) console.log(`slowest files:\n${slowest.join("\n")}\n`);
      const file = process.env.MOCHA_STATS_FILE;
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}
