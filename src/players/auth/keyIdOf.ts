import { createHmac } from "node:crypto";

/** Names a key in the `kid` of tokens, in Redis and in log lines. Does not disclose it. */
export const keyIdOf = (secret: string): string =>
  createHmac("sha256", secret).update("hypogeum JWT_SECRET").digest("hex").slice(0, 12);
