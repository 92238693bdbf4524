/** The contract of the log port (`src/pipeline/log/EventLog.ts`) as tests that every implementation must pass. */
import type { EventLog } from "../../../src/pipeline/log/EventLog.ts";
import { handlerRules } from "./handlerRules.ts";
import { messageRules } from "./messageRules.ts";

export interface LogFixture {
  /** A new, empty store. The logs opened on it may consume as the groups `g` and `h`. */
  reset(): Promise<void>;
  /** Opens the store. Several logs may be open at the same time only if `severalProcesses`. */
  open(): Promise<EventLog>;
  /** Deletes the messages before the given offset, from the partition of the topic that has messages. */
  forget(topic: string, partition: number, before: bigint): Promise<void>;
  /** Whether another log that is open at the same time receives the messages that one published. */
  readonly severalProcesses: boolean;
}

export function logContract(name: string, fixture: () => LogFixture): void {
  describe(`${name} fulfils the contract of the log`, function () {
    this.timeout(240_000);
    const logs: EventLog[] = [];
    const store = {
      async open() {
        const log = await fixture().open();
        logs.push(log);
        return log;
      },
      async close(log: EventLog) {
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
