/**
 * Whether a page of another site made a browser send a request. Browsers add an operator's password to such requests too. They
 * send `Sec-Fetch-Site` only to HTTPS and to localhost.
 */
import type { IncomingMessage } from "node:http";

/**
 * `isAct`: whether the request changes something. `ownHosts`: hosts, with ports, of this server besides that of the header Host.
 * Links may open pages that only read, on other pages and outside the browser: from there, browsers send the site `none`.
 */
export function isFromOtherSite(request: IncomingMessage, isAct: boolean, ownHosts: readonly string[]): boolean {
  const { "sec-fetch-site": site, origin, referer, host, "user-agent": agent } = request.headers;
  const own = [hostOf(`http://${host}`), ...ownHosts];
  const isOwn = (url: string) => own.includes(hostOf(url) ?? "");
  if (site === "none") return isAct && !(origin !== undefined && isOwn(origin));
  if (site !== undefined) return site !== "same-origin" && (isAct || !opensPage(request));
  if (origin !== undefined) return !isOwn(origin);
  if (!isAct) return false;
  if (referer !== undefined) return !isOwn(referer);
  // Nothing says which page sent it. An image of any page causes such a request, but no program that is not a browser does.
  return /^Mozilla\//.test(agent ?? "");
}

/** With its port, unless it is the default one; null if the URL is invalid. */
export function hostOf(url: string): string | null {
  return URL.parse(url)?.host || null;
}

function opensPage({ method, headers }: IncomingMessage): boolean {
  const { "sec-fetch-mode": mode, "sec-fetch-dest": shownIn } = headers;
  return (method === "GET" || method === "HEAD") && mode === "navigate" && shownIn === "document";
}
