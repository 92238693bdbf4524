/** Owns the API of a process that serves no players: whether it is well, and what everybody may see live. */
import type { Registry } from "prom-client";
import { TokenError } from "../players/auth/Tokens.ts";
import { type Api, type Authenticate, createApi } from "./createApi.ts";
import { healthRoutes } from "./health.ts";
import { Limits } from "./limits.ts";
import { liveRoutes, type ServeLive } from "./live.ts";

export interface HealthParts {
  readonly metrics: Registry;
  readonly problems: () => Promise<readonly string[]>;
  readonly serveLive: ServeLive;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly failed: (error: unknown, where: string) => void;
}

/** Nobody signs in here. */
const strangers: Authenticate = {
  async authenticate(token) {
    throw new TokenError(token ? "TOKEN_INVALID" : "TOKEN_MISSING");
  },
};

export function openHealth({ metrics, problems, serveLive, corsOrigins, trustedProxies, failed }: HealthParts): Api {
  return createApi({
    routes: [...healthRoutes({ problems, metrics }), ...liveRoutes(strangers, serveLive)],
    sessions: strangers,
    // Nothing here is counted by account, which the secret would be for.
    limits: new Limits({ redis: null, namespace: "", secret: "" }),
    ...{ operator: null, corsOrigins, trustedProxies },
    failed: (error, method, path) => failed(error, `${method} ${path}`),
  });
}
