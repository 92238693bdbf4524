/**
 * Mocha's `spec` reporter, which also appends one line `passes failures pending` to the file named by MOCHA_STATS_FILE. A script can
 * then sum up several runs without parsing the readable output.
 */
import { appendFileSync } from "node:fs";
import Mocha from "mocha";

export default class StatsReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const file = process.env.MOCHA_STATS_FILE;
      const { passes, failures, pending } = this.stats;
      if (file !== undefined) appendFileSync(file, `${passes} ${failures} ${pending}\n`);
    });
  }
}
