import type { IncomingMessage } from "node:http";
import rawBody from "raw-body";
import { Problem } from "./problems.ts";

const BODY_BYTES_MAX = 16 * 1024;

/**
 * The parsed JSON body, sent with its length or in chunks; undefined if there is none. Throws a `Problem` if it is larger than
 * `bytesMax` or is not JSON.
 */
export async function readBody(request: IncomingMessage, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  const bytes = await readBytes(request, bytesMax);
  if (bytes.length === 0) return undefined;
  const { "content-type": type = "", "content-encoding": encoding = "identity" } = request.headers;
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new Problem("MEDIA_TYPE_UNSUPPORTED");
  if (encoding !== "identity")
    throw new Problem("MEDIA_TYPE_UNSUPPORTED", `Content-Encoding is ${encoding}: expected an uncompressed body`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Problem("INPUT_INVALID", "body: expected JSON in UTF-8");
  }
}

/** Throws a `Problem` if the body is larger than `bytesMax`, having read no more than that, or if it ends too early. */
export async function readBytes(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const length = request.headers["content-length"];
  try {
    return await rawBody(request, { limit: bytesMax, length });
  } catch (error) {
    if ((error as { type?: string }).type !== "entity.too.large")
      throw new Problem("INPUT_INVALID", "body: it ended before its declared length");
    const found = length === undefined ? "The body is longer" : `Content-Length is ${length} bytes`;
    throw new Problem("BODY_TOO_LARGE", `${found}: expected at most ${bytesMax} bytes`);
  }
}
