/** The flags of `npm start`, and its help, which are derived from the settings. */
import { type CommandOption, defineUsage, usageText } from "../commandLine/CommandUsage.ts";
import { passedOn } from "./passedOn.ts";
import { secretVariables } from "./secretFiles.ts";
import { flagOf, type Setting, settings } from "./settings.ts";

const own = Object.values<Setting>(settings);

/** No flag has a default here, so that the variable applies if the flag is not given. */
const flags: readonly (readonly [string, CommandOption])[] = [
  ...own.map(({ variable, about }) => [flagOf(variable), { value: "VALUE", about }] as const),
  ...passedOn.map(([variable, about]) => [flagOf(variable), { value: "VALUE", about }] as const),
];

export const startUsage = defineUsage({
  command: "npm start",
  synopsis: "[--FLAG VALUE]…",
  about: "Starts the server. Each flag takes precedence over its environment variable, which is named beside it.",
  options: Object.fromEntries(flags) as Readonly<Record<string, CommandOption & { readonly value: string }>>,
  settings:
    "the variables above, and NODE_ENV=production, with which the roles game and api require JWT_SECRET instead of generating\n" +
    "a key in DATA_DIR. The program can read these secrets from files instead, such as with\n" +
    `JWT_SECRET_FILE=/run/secrets/jwt:\n${secretVariables.map((variable) => `  ${variable}_FILE`).join("\n")}`,
  exitCodes: {
    0: "stopped on request",
    1: "a setting is invalid, the start failed, or the program had to stop",
    2: "wrong arguments",
  },
  example: "--port 8080 --data-dir data",
});

export function helpText(): string {
  const rows = own.map(({ variable, fallback, allowed, about }) => {
    const value = fallback === undefined ? "" : ` (${fallback})`;
    return `  --${flagOf(variable).padEnd(18)} ${variable}${value}\n      ${about}; ${allowed}`;
  });
  const passedOnRows = passedOn.map(
    ([variable, about]) => `  --${flagOf(variable).padEnd(26)} ${variable}\n      ${about}`,
  );
  return usageText(startUsage, [...rows, ...passedOnRows, "  --help\n      prints this text"]);
}
