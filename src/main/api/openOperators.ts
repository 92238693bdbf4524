/** The operators of a process, from its configuration. */
import { Limits } from "../../api/limits.ts";
import { OperatorIssuer } from "../../api/operators/OperatorIssuer.ts";
import { Operators } from "../../api/operators/Operators.ts";
import { OperatorsFile, OperatorsFileError } from "../../api/operators/OperatorsFile.ts";
import { type Config, ConfigError } from "../../platform/config/readConfig.ts";
import type { Health } from "../../platform/health/Health.ts";
import { Passwords } from "../../players/identity/Passwords.ts";

/** Whether anyone may use the operator's tools. */
export function hasOperators({ adminUser, operatorsFile, operatorIssuer }: Config): boolean {
  return adminUser !== undefined || operatorsFile !== undefined || operatorIssuer !== undefined;
}

/** `limits`: those that count guesses; null to count them in this process. */
export function openOperators(config: Config, file: OperatorsFile | null, limits: Limits | null): Operators {
  const { adminUser, adminPassword } = config;
  return new Operators({
    admin: adminUser === undefined || adminPassword === undefined ? null : { user: adminUser, password: adminPassword },
    file,
    issuer: issuerOf(config),
    // Separate from the hashing for players, so that a flood of sign-ins does not lock operators out.
    passwords: new Passwords(),
    limits: limits ?? new Limits({ redis: null, namespace: "", secrets: [] }),
    publicUrl: config.publicUrl,
  });
}

const CONDITION = "file of operators";

/** Null if OPERATORS_FILE is not set. Throws `ConfigError`. */
export function openOperatorsFile({ operatorsFile }: Config, health: Health): OperatorsFile | null {
  if (operatorsFile === undefined) return null;
  try {
    return new OperatorsFile(operatorsFile, (problem) =>
      problem === null ? health.clear(CONDITION) : health.report(CONDITION, problem),
    );
  } catch (error) {
    throw error instanceof OperatorsFileError ? new ConfigError(error.message) : error;
  }
}

function issuerOf(config: Config): OperatorIssuer | null {
  const { operatorIssuer: issuer, operatorJwksUrl, operatorAudience: audience, operatorRoleClaim: roleClaim } = config;
  if (issuer === undefined || operatorJwksUrl === undefined || audience === undefined) return null;
  return new OperatorIssuer({ issuer, audience, roleClaim, keys: new URL(operatorJwksUrl) });
}

/** The values of all variables that name a service. */
export function serviceAddresses({ env }: Config): string[] {
  const variables = [
    ...["DATABASE_URL", "WAREHOUSE_URL", "REDIS_URL", "KAFKA_BROKERS", "S3_ENDPOINT", "SMTP_URL"],
    ...["AUTH_JWKS_URL", "OPERATOR_JWKS_URL", "KAFKA_OAUTH_TOKEN_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"],
  ];
  return variables.flatMap((variable) => env[variable] ?? []);
}
