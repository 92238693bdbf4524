import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { Problem } from "./problems.ts";

const BODY_BYTES_MAX = 16 * 1024;

/** The parsed JSON body; undefined if there is none. Throws a `Problem` if it is too large, has no length, or is not JSON. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (headers["transfer-encoding"] !== undefined) throw new Problem("LENGTH_REQUIRED", undefined, CLOSE);
  const length = Number(headers["content-length"] ?? 0);
  if (length > BODY_BYTES_MAX)
    throw new Problem("BODY_TOO_LARGE", `Content-Length is ${length} bytes: expected at most ${BODY_BYTES_MAX}`, CLOSE);
  if (length === 0) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) throw new Problem("MEDIA_TYPE_UNSUPPORTED");
  const bytes = await buffer(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem("INPUT_INVALID", "body: expected JSON in UTF-8");
  }
}

/** The connection must close, because the unread body would be parsed as the next request. */
const CLOSE = { headers: { connection: "close" } };
