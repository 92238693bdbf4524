/**
 * Owns what a tab keeps to come back to its match after a reload. It stands in sessionStorage, so that two tabs are two
 * players and a closed tab leaves nothing behind.
 */
const KEY = "hypogeum-reconnection";

/** The token of the running match, null when there is none. */
export function loadReconnection(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const hasReconnection = (): boolean => loadReconnection() !== null;

/** Keeps `token`; null forgets it. */
export function keepReconnection(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // Without storage a reload ends in the menu, which is all that is lost.
  }
}
