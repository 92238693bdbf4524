import type { Broken, Health } from "../../platform/health/Health.ts";
import type { ProblemListener } from "../../platform/sql/StandingProblems.ts";

/** Returns a listener that reports the problems of a database as conditions. `database`: how their names begin. */
export function reportDatabase(health: Health, database: string, breaks: Broken): ProblemListener {
  return (operation, line) => {
    const name = `${database}: ${operation}`;
    if (line === null) health.clear(name);
    else health.report(name, line, breaks);
  };
}
