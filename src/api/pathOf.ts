import type { IncomingMessage } from "node:http";

/** The target of a request without its query, which may contain a token. */
export function pathOf({ url = "/" }: Pick<IncomingMessage, "url">): string {
  const end = url.indexOf("?");
  return end < 0 ? url : url.slice(0, end);
}
