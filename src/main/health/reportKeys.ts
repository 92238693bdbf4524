import type { Health } from "../../platform/health/Health.ts";

interface PublishedKeys {
  /** The variable with the URL. */
  readonly variable: string;
  readonly url: URL;
  /** Who cannot sign in without the keys: "operators". */
  readonly affected: string;
}

/** Returns a listener that reports why the keys of an issuer are unavailable as a condition, and clears it at null. */
export function reportKeys(health: Health, { variable, url, affected }: PublishedKeys) {
  const { origin, pathname } = url;
  const name = `${variable}: ${origin}${pathname}`;
  return (problem: string | null): void => {
    const line = `${variable}: no usable keys from ${origin}${pathname} (${problem}), so ${affected} with a token of this issuer cannot sign in; expected a JSON Web Key Set: check the URL, and whether this server can reach it`;
    if (problem === null) health.clear(name);
    else health.report(name, line);
  };
}
