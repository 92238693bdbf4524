/**
 * What a tab stores to return to its match, queue and party after a reload. It is in sessionStorage, so that each tab has its
 * own and a closed tab leaves nothing behind.
 */
export type RoomKind = "match" | "queue" | "party";

const KEYS: Readonly<Record<RoomKind, string>> = {
  match: "hypogeum-reconnection",
  queue: "hypogeum-queue",
  party: "hypogeum-party",
};

/** Null if there is none. */
export const loadReconnectionToken = (kind: RoomKind): string | null => read(KEYS[kind]);

export const hasReconnectionToken = (kind: RoomKind): boolean => loadReconnectionToken(kind) !== null;

/** Null removes the token. */
export const storeReconnectionToken = (kind: RoomKind, token: string | null): void => write(KEYS[kind], token);

/** Start of the wait and time limit to confirm (Unix ms), the code of the party, and how the latest match was started. */
export type Note = "queued-at" | "confirm-by" | "party-code" | "started-by";

export const loadNote = (note: Note): string | null => read(`hypogeum-${note}`);
export const storeNote = (note: Note, value: string | null): void => write(`hypogeum-${note}`, value);

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, value);
  } catch {
    // Without storage, a reload leads to the menu. Nothing else is lost.
  }
}
