const unreachable =
  /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ECONNRESET|EPIPE|closed|max retries|timed out|writeable/i;

/** Whether `error` means that Redis cannot be used at the moment, and not that it refused one command. */
export function isUnavailable({ message }: Error): boolean {
  return unreachable.test(message) || message.startsWith("LOADING");
}

/** One line for an operator about `error`, which occurred in a request to the Redis at `host`. It contains no password. */
export function describeRedisProblem(error: Error, host: string): string {
  const text = error.message.replace(/\s+/g, " ").trim();
  if (/WRONGPASS|NOAUTH|NOPERM/.test(text)) return `REDIS_URL: refused by ${host}: ${text.slice(0, 120)}`;
  if (unreachable.test(text)) return `REDIS_URL: no Redis answers at ${host}`;
  return `REDIS_URL: ${host}: ${text.slice(0, 200)}`;
}
