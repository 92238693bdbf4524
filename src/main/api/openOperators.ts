/** The operators of a process, from its configuration. */
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { GuessLimits } from "../../api/operators/GuessLimits.ts";
import { OPERATOR_PASSWORD_LENGTH_MIN } from "../../api/operators/Operator.ts";
import { OperatorIssuer } from "../../api/operators/OperatorIssuer.ts";
import { Operators } from "../../api/operators/Operators.ts";
import { OperatorsFile, OperatorsFileError } from "../../api/operators/OperatorsFile.ts";
import { type Config, ConfigError } from "../../platform/config/readConfig.ts";
import type { Health } from "../../platform/health/Health.ts";
import { Passwords } from "../../players/identity/Passwords.ts";
import { reportKeys } from "../health/reportKeys.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { reportRefusals } from "./reportRefusals.ts";

/** Whether anyone may use the operator's tools. */
export function hasOperators({ adminUser, operatorsFile, operatorIssuer }: Config): boolean {
  return adminUser !== undefined || operatorsFile !== undefined || operatorIssuer !== undefined;
}

interface OperatorsDeps {
  readonly config: Config;
  readonly file: OperatorsFile | null;
  /** Counts the guesses; null to count them in this process. */
  readonly redis: Redis | null;
  readonly metrics: Metrics;
  readonly health: Health;
  readonly log: Logger;
}

export function openOperators({ config, file, redis, metrics, health, log }: OperatorsDeps): Operators {
  const { adminUser, adminPassword, namespace } = config;
  // Not refused, because an installation may have had this password before.
  if (adminPassword !== undefined && adminPassword.length < OPERATOR_PASSWORD_LENGTH_MIN)
    log.warn(
      `ADMIN_PASSWORD has fewer than ${OPERATOR_PASSWORD_LENGTH_MIN} characters: choose a longer one, because anyone who can reach /admin may guess it`,
    );
  return new Operators({
    admin: adminUser === undefined || adminPassword === undefined ? null : { user: adminUser, password: adminPassword },
    file,
    issuer: issuerOf(config, health),
    // Separate from the hashing for players, so that a flood of sign-ins does not lock operators out.
    passwords: new Passwords(),
    guesses: new GuessLimits({ redis, namespace }),
    publicUrl: config.publicUrl,
    onRefused: reportRefusals({ metrics, log }),
  });
}

const CONDITION = "file of operators";

/** Null if OPERATORS_FILE is not set. Throws `ConfigError`. */
export function openOperatorsFile({ operatorsFile, adminUser }: Config, health: Health): OperatorsFile | null {
  if (operatorsFile === undefined) return null;
  try {
    const onChange = (problem: string | null) =>
      problem === null ? health.clear(CONDITION) : health.report(CONDITION, problem);
    return new OperatorsFile(operatorsFile, onChange, adminUser);
  } catch (error) {
    throw error instanceof OperatorsFileError ? new ConfigError(error.message) : error;
  }
}

function issuerOf(config: Config, health: Health): OperatorIssuer | null {
  const { operatorIssuer: issuer, operatorJwksUrl, operatorAudience: audience, operatorRoleClaim: roleClaim } = config;
  if (issuer === undefined || operatorJwksUrl === undefined || audience === undefined) return null;
  const keys = new URL(operatorJwksUrl);
  const onKeys = reportKeys(health, { variable: "OPERATOR_JWKS_URL", url: keys, affected: "operators" });
  return new OperatorIssuer({ issuer, audience, roleClaim, keys, onKeys });
}
