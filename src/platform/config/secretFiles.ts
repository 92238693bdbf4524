/** Secrets in files, as Docker and Kubernetes mount them: `JWT_SECRET_FILE` names the file with the value of `JWT_SECRET`. */
import { readFileSync } from "node:fs";
import { ConfigError } from "./ConfigError.ts";
import type { Env } from "./envValues.ts";
import { type Setting, settings } from "./settings.ts";

const ownSecrets = Object.values<Setting>(settings).flatMap(({ variable, secret }) => (secret ? [variable] : []));
/** Each may be replaced by a variable that names a file, such as `JWT_SECRET_FILE`. */
export const secretVariables: readonly string[] = [
  ...ownSecrets,
  ...["KAFKA_SASL_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "OTEL_EXPORTER_OTLP_HEADERS"],
];

const fileVariable = (variable: string): string => `${variable}_FILE`;

/** The environment with the secrets of all files, and without the variables that name the files. Throws `ConfigError`. */
export function withSecretsOfFiles(env: Env): Record<string, string> {
  const all = { ...env };
  for (const variable of secretVariables) {
    const file = all[fileVariable(variable)];
    delete all[fileVariable(variable)];
    if (file) all[variable] = readSecret(variable, file, all[variable]);
  }
  return all as Record<string, string>;
}

function readSecret(variable: string, file: string, other: string | undefined): string {
  const name = fileVariable(variable);
  if (other) throw new ConfigError(`${name}: ${variable} is set too: set only one of them`);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `${name}: cannot read ${JSON.stringify(file)} (${code}): expected a file that this user can read, with the value of ${variable}`,
    );
  }
  const value = text.replace(/\r?\n$/, "");
  if (value === "")
    throw new ConfigError(`${name}: ${JSON.stringify(file)} is empty: expected the value of ${variable}`);
  return value;
}
