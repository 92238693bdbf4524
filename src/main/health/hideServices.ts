import type { Config } from "../../platform/config/readConfig.ts";
import { addressHider } from "../../platform/health/hideAddresses.ts";

/** The variables that name a service. */
const VARIABLES = [
  ...["DATABASE_URL", "WAREHOUSE_URL", "REDIS_URL", "KAFKA_BROKERS", "S3_ENDPOINT", "SMTP_URL"],
  ...["AUTH_JWKS_URL", "OPERATOR_JWKS_URL", "KAFKA_OAUTH_TOKEN_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"],
];

/** Returns a function that removes the addresses of all services from a line of `/readyz`. */
export function hideServices({ env }: Config): (line: string) => string {
  return addressHider(VARIABLES.flatMap((variable) => env[variable] ?? []));
}
