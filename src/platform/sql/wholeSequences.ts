/**
 * Owns a guard between pglite-socket and PGlite. The socket server hands over one protocol message at a time and holds
 * other connections back only while a transaction is open; between the Parse and the Bind of one connection it would let
 * another's Parse in, and both would then execute the same unnamed statement. This makes a sequence up to its Sync look
 * like a transaction, so that no other connection comes between.
 */
import type { PGlite } from "@electric-sql/pglite";

const SIMPLE_QUERY = 0x51;
const SYNC = 0x53;
const TERMINATE = 0x58;
const SYNC_MESSAGE = Uint8Array.of(SYNC, 0, 0, 0, 4);

type Served = Pick<PGlite, "waitReady" | "isInTransaction" | "runExclusive" | "execProtocolRawStream" | "exec">;

/** @param onCrash called when PGlite itself fails: it cannot be used any more, nor can the socket server's queue. */
export function wholeSequences(db: PGlite, onCrash: (error: unknown) => void): Served {
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
    /** The socket server's ROLLBACK for a connection that went away in the middle. */
    async exec(query, options) {
      if (open) {
        open = false;
        await db.runExclusive(() => db.execProtocolRawStream(SYNC_MESSAGE, { onRawData: () => {} }));
      }
      return db.isInTransaction() ? db.exec(query, options) : [];
    },
  };
}
