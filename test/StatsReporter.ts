/**
 * Mocha's `spec` reporter, which also appends one line `passes failures pending` to the file named by MOCHA_STATS_FILE. A script can
 * then sum up several runs without parsing the readable output.
 */
import { appendFileSync } from "node:fs";
import Mocha from "mocha";

export default class StatsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    // The summary comes at the end of a run that may take half an hour, so each error is printed at once, too.
    runner.on(Mocha.Runner.constants.EVENT_TEST_FAIL, (_test, error) =>
      console.log(`       ${error?.message ?? error}`),
    );
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env.MOCHA_STATS_FILE;
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}
