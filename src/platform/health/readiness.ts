import type { Role } from "../config/settings.ts";
import type { Condition } from "./Health.ts";

/** The answer of `/readyz`. */
export interface Readiness {
  /** False if there are problems. */
  readonly ready: boolean;
  /** One line each: something that a join to this process needs is broken, or the only role of the process. */
  readonly problems: readonly string[];
  /** One line each: everything else that an operator should know. */
  readonly warnings: readonly string[];
}

/**
 * Divides the conditions of a process with these roles. A load balancer sends nobody to a process with problems, so only what
 * keeps people from playing there counts as a problem. A process with one role serves nobody else, so it may also say that it
 * cannot perform that role.
 */
export function readinessOf(conditions: readonly Condition[], roles: readonly Role[]): Readiness {
  const servesPlayers = roles.includes("game") || roles.includes("api");
  const isProblem = ({ breaks }: Condition): boolean =>
    breaks === "joins" ? servesPlayers : roles.length === 1 && roles[0] === breaks;
  const problems = conditions.filter(isProblem).map(({ line }) => line);
  const warnings = conditions.filter((condition) => !isProblem(condition)).map(({ line }) => line);
  return { ready: problems.length === 0, problems, warnings };
}
