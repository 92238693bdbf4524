/** An invalid setting. The message is one line: the variable, its value (never a secret) and what is expected. */
export class ConfigError extends Error {}
