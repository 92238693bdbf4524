/** The address of a request's client, behind any number of proxies. */
import type { IncomingMessage } from "node:http";
import ipaddr from "ipaddr.js";
import proxyaddr from "proxy-addr";

/**
 * `trustedProxies` are addresses, networks, or `loopback`, `linklocal`, `uniquelocal`. The result maps a request to the IP
 * address nearest to the server that is not a trusted proxy, without a port; `unknown` if the connection is already closed.
 */
export function clientAddressBehind(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const trusts = proxyaddr.compile([...trustedProxies]);
  return ({ headers, socket }) => {
    const forwarded = String(headers["x-forwarded-for"] ?? "");
    const plain = { headers: { "x-forwarded-for": plainHops(forwarded).join(",") }, socket };
    return proxyaddr(plain as unknown as IncomingMessage, trusts) || "unknown";
  };
}

/**
 * The hops without ports and brackets, which some proxies add, so that a client counts once however many connections it opens.
 * Nothing to the left of a hop that is not an address is known, because that hop may have been written by the client.
 */
function plainHops(forwarded: string): string[] {
  const hops = forwarded.split(",").map((hop) => addressOf(hop.trim()));
  return hops.slice(hops.lastIndexOf(null) + 1) as string[];
}

/** An IPv4 or IPv6 address with an optional port, which IPv6 needs brackets for. */
const HOP = /^"?(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?"?$/;

function addressOf(hop: string): string | null {
  const [, v6, v4] = HOP.exec(hop) ?? [];
  const address = v6 ?? v4 ?? hop;
  return ipaddr.isValid(address) ? address : null;
}
