/** The contract of the log port (`src/pipeline/log/EventLog.ts`) as tests that every implementation must pass. */
import type { EventLog } from "../../../src/pipeline/log/EventLog.ts";
import { handlerRules } from "./handlerRules.ts";
import { messageRules } from "./messageRules.ts";

export interface LogFixture {
  /** Replaces the data by an empty log. Consumers use the groups `g` and `h`. */
  reset(): Promise<void>;
  /** Opens a log on the data. Two logs are open at the same time only if `canOpenTwice`. */
  open(): Promise<EventLog>;
  /** Deletes the messages before the given offset, from the partition of the topic that has messages. */
  forget(topic: string, partition: number, before: bigint): Promise<void>;
  /** Whether another log that is open at the same time receives the messages that one published. */
  readonly canOpenTwice: boolean;
}

export function logContract(name: string, fixture: () => LogFixture): void {
  describe(`${name} fulfils the contract of the log`, function () {
    this.timeout(240_000);
    const openLogs: EventLog[] = [];
    const logs = {
      async open() {
        const log = await fixture().open();
        openLogs.push(log);
        return log;
      },
      async close(log: EventLog) {
        openLogs.splice(openLogs.indexOf(log), 1);
        await log.close();
      },
      forget: (...what: Parameters<LogFixture["forget"]>) => fixture().forget(...what),
      canOpenTwice: () => fixture().canOpenTwice,
    };

    beforeEach(() => fixture().reset());
    afterEach(async () => {
      for (const log of openLogs.splice(0)) await log.close();
    });

    messageRules(logs);
    handlerRules(logs);
  });
}
