/** The contract of the log port (`src/pipeline/log/Log.ts`) as tests; every implementation passes them. */
import type { Log } from "../../../src/pipeline/log/Log.ts";
import { handlerRules } from "./handlerRules.ts";
import { messageRules } from "./messageRules.ts";

export interface LogFixture {
  /** A new, empty store. The logs opened on it may consume as the groups `g` and `h`. */
  reset(): Promise<void>;
  /** Opens the store. Several logs may be open at the same time only if `sharesGroups`. */
  open(): Promise<Log>;
  /** Deletes the messages before the given offset, from the partition of the topic that has messages. */
  forget(topic: string, partition: number, before: bigint): Promise<void>;
  /** Whether another log that is open at the same time receives the messages that one published. */
  readonly severalProcesses: boolean;
}

export function logContract(name: string, fixture: () => LogFixture): void {
  describe(`${name} keeps the log's contract`, function () {
    this.timeout(240_000);
    const logs: Log[] = [];
    const store = {
      async open() {
        const log = await fixture().open();
        logs.push(log);
        return log;
      },
      async close(log: Log) {
        logs.splice(logs.indexOf(log), 1);
        await log.close();
      },
      forget: (...what: Parameters<LogFixture["forget"]>) => fixture().forget(...what),
      severalProcesses: () => fixture().severalProcesses,
    };

    beforeEach(() => fixture().reset());
    afterEach(async () => {
      for (const log of logs.splice(0)) await log.close();
    });

    messageRules(store);
    handlerRules(store);
  });
}
