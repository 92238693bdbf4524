/**
 * Directories outside the source tree: the cache of downloads and builds, keyed by version and shared by all sets of services,
 * and the directory of the default set.
 */
import { homedir } from "node:os";
import path from "node:path";

function baseFolder(variable: string, fallback: string): string {
  const value = process.env[variable];
  return path.join(value !== undefined && path.isAbsolute(value) ? value : path.join(homedir(), fallback), "hypogeum");
}

/** Downloads and builds. Safe to delete: the next start creates them again. */
export function cacheFolder(): string {
  return baseFolder("XDG_CACHE_HOME", ".cache");
}

/** The directory of a set of services: `dir` if it is given, otherwise HYPOGEUM_SERVICES_DIR, otherwise the user's default. */
export function setFolder(named?: string): string {
  const chosen = named ?? process.env.HYPOGEUM_SERVICES_DIR;
  return path.resolve(chosen === undefined || chosen === "" ? baseFolder("XDG_STATE_HOME", ".local/state") : chosen);
}
