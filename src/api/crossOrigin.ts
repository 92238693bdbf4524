/** Which pages of other origins may call the API, and which headers they may send and read (CORS). */
import cors from "cors";

/** `*` allows any origin. Credentials are not allowed, because tokens are in a header that pages set, never in cookies. */
export function crossOrigin(origins: readonly string[]) {
  return cors({
    origin: origins.includes("*") ? "*" : [...origins],
    methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    allowedHeaders: ["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
    exposedHeaders: ["ETag", "Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"],
    maxAge: 600,
    // Otherwise the library would treat every OPTIONS as a preflight and answer it.
    preflightContinue: true,
  });
}
