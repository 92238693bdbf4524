/**
 * Where things lie outside the tree: downloads and builds, keyed by version and shared by all sets of services, and the
 * directory of the set that is used when none is named.
 */
import { homedir } from "node:os";
import path from "node:path";

function base(variable: string, fallback: string): string {
  const value = process.env[variable];
  return path.join(value !== undefined && path.isAbsolute(value) ? value : path.join(homedir(), fallback), "hypogeum");
}

/** What was fetched or built. Safe to delete: the next start makes it anew. */
export function cacheFolder(): string {
  return base("XDG_CACHE_HOME", ".cache");
}

/** The directory of a set of services: the one named, or HYPOGEUM_SERVICES_DIR, or the user's own. */
export function setFolder(named?: string): string {
  const chosen = named ?? process.env.HYPOGEUM_SERVICES_DIR;
  return path.resolve(chosen === undefined || chosen === "" ? base("XDG_STATE_HOME", ".local/state") : chosen);
}
