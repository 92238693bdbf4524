/** The API of a process that serves no players: health, metrics and the public live feed. */
import type { Registry } from "prom-client";
import { TokenError } from "../players/auth/Tokens.ts";
import { type Api, type Authenticator, createApi } from "./createApi.ts";
import { healthRoutes } from "./health.ts";
import { Limits } from "./limits.ts";
import { liveRoutes, type ServeLive } from "./live.ts";

export interface HealthApiDeps {
  readonly metrics: Registry;
  readonly problems: () => Promise<readonly string[]>;
  readonly serveLive: ServeLive;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly onError: (error: unknown, where: string) => void;
}

/** Rejects every token, because this process has no players. */
const noSignIn: Authenticator = {
  async authenticate(token) {
    throw new TokenError(token ? "TOKEN_INVALID" : "TOKEN_MISSING");
  },
  callerOf: async () => null,
};

export function createHealthApi({
  metrics,
  problems,
  serveLive,
  corsOrigins,
  trustedProxies,
  onError,
}: HealthApiDeps): Api {
  return createApi({
    routes: [...healthRoutes({ problems, metrics }), ...liveRoutes(noSignIn, serveLive)],
    sessions: noSignIn,
    // The secret is needed only for limits by account, which these routes do not have.
    limits: new Limits({ redis: null, namespace: "", secret: "" }),
    ...{ operator: null, corsOrigins, trustedProxies },
    onError: (error, method, path) => onError(error, `${method} ${path}`),
  });
}
