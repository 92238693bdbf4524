/**
 * A guard between pglite-socket and PGlite. The socket server passes on one protocol message at a time. Other connections wait
 * only while a transaction is open. So the Parse of one connection could come between the Parse and the Bind of another, and
 * both would execute the same unnamed statement. The guard makes every sequence of messages up to its Sync look like a
 * transaction.
 */
import type { PGlite } from "@electric-sql/pglite";

const SIMPLE_QUERY = 0x51;
const SYNC = 0x53;
const TERMINATE = 0x58;
const SYNC_MESSAGE = Uint8Array.of(SYNC, 0, 0, 0, 4);

type Served = Pick<PGlite, "waitReady" | "isInTransaction" | "runExclusive" | "execProtocolRawStream" | "exec">;

/** @param onCrash called when PGlite itself fails. Neither it nor the queue of the socket server can be used after that. */
export function isolateSequences(db: PGlite, onCrash: (error: unknown) => void): Served {
  let open = false;
  return {
    waitReady: db.waitReady,
    runExclusive: (work) => db.runExclusive(work),
    isInTransaction: () => open || db.isInTransaction(),
    async execProtocolRawStream(message, options) {
      const type = message[0];
      // A start packet has no type byte; its length begins with 0.
      open = type !== 0 && type !== SIMPLE_QUERY && type !== SYNC && type !== TERMINATE;
      try {
        await db.execProtocolRawStream(message, options);
      } catch (error) {
        onCrash(error);
        throw error;
      }
    },
    /** Called by the socket server to roll back when a connection closes in the middle of a sequence. */
    async exec(query, options) {
      if (open) {
        open = false;
        await db.runExclusive(() => db.execProtocolRawStream(SYNC_MESSAGE, { onRawData: () => {} }));
      }
      return db.isInTransaction() ? db.exec(query, options) : [];
    },
  };
}
