/**
 * Owns what a tab keeps to come back to after a reload: its match, its place in the queue, its party. It stands in
 * sessionStorage, so that two tabs are two players and a closed tab leaves nothing behind.
 */
export type Place = "match" | "queue" | "party";

const KEYS: Readonly<Record<Place, string>> = {
  match: "hypogeum-reconnection",
  queue: "hypogeum-queue",
  party: "hypogeum-party",
};

/** The token by which `place` is entered again, null when there is none. */
export const loadPlace = (place: Place): string | null => read(KEYS[place]);

export const hasPlace = (place: Place): boolean => loadPlace(place) !== null;

/** Keeps `token`; null forgets it. */
export const keepPlace = (place: Place, token: string | null): void => write(KEYS[place], token);

/** What the tab has to remember besides: since when it waits, until when it may confirm (Unix ms), the code of its party. */
export type Note = "queued-at" | "confirm-by" | "party-code";

export const loadNote = (note: Note): string | null => read(`hypogeum-${note}`);
export const keepNote = (note: Note, value: string | null): void => write(`hypogeum-${note}`, value);

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
    // Without storage a reload ends in the menu, which is all that is lost.
  }
}
