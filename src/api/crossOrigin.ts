/** Which pages of other origins may call the API, and which headers they may send and read (CORS). */
import cors from "cors";

/** `*` for any. Tokens travel in a header that pages set themselves, never in cookies, so no credentials are allowed. */
export function crossOrigin(origins: readonly string[]) {
  return cors({
    origin: origins.includes("*") ? "*" : [...origins],
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders: ["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
    exposedHeaders: ["ETag", "Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"],
    maxAge: 600,
    // The library takes every OPTIONS for a preflight and would answer it.
    preflightContinue: true,
  });
}
