/** Owns reading a JSON body, of bounded size. Throws `Problem`s. */
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { Problem } from "./problems.ts";

const BODY_BYTES_MAX = 16 * 1024;

/** Undefined where there is no body. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const { headers } = request;
  if (headers["transfer-encoding"] !== undefined) throw new Problem("LENGTH_REQUIRED", undefined, CLOSE);
  const length = Number(headers["content-length"] ?? 0);
  if (length > BODY_BYTES_MAX)
    throw new Problem("BODY_TOO_LARGE", `${length} bytes were announced, ${BODY_BYTES_MAX} are allowed`, CLOSE);
  if (length === 0) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "")) throw new Problem("MEDIA_TYPE_UNSUPPORTED");
  const bytes = await buffer(request);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem("INPUT_INVALID", "body: no JSON in UTF-8");
  }
}

/** What follows on the connection would be read as a request. */
const CLOSE = { headers: { connection: "close" } };
