/** Reads hosts and addresses with the parsers of Node, which know IPv6. */
import { isIP, isIPv6 } from "node:net";
import * as z from "zod";

export interface HostPort {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** An IPv6 address in brackets, as it must be before a port; any other host as it is. */
export const bracketed = (host: string): string => (isIPv6(host) ? `[${host}]` : host);

export const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");

/** Whether a host, with or without brackets, is reached without a network. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

/** Whether `text` is an IP address or a host name. Names of containers contain underscores. */
export function isHost(text: string): boolean {
  // The URL parser refuses numbers that are no address, such as 10.0.0.300.
  const isName = () => z.hostname().safeParse(text.replaceAll("_", "-")).success && URL.canParse(`http://${text}`);
  return isIP(text) !== 0 || isName();
}

/** Null if `text` is not `host:port`. */
export function readHostPort(text: string): HostPort | null {
  const url = readAddress(text);
  if (url === null || url.pathname !== "" || url.port === "" || url.port === "0") return null;
  return { host: withoutBrackets(url.hostname), port: Number(url.port) };
}

const PORT = "{port}";

/** Whether `text` is `host[:port][/path]`, in which `{port}` may take the place of the port and of parts of the path. */
export function isPublicAddress(text: string): boolean {
  const [host, ...segments] = text.split("/");
  // A host that depends on the port is a mistake.
  if (host.replace(/:\{port\}$/, "").includes(PORT) || host.endsWith(":")) return false;
  const url = readAddress(text.replaceAll(PORT, "1"));
  // Not the path of the URL, from which the parser has removed `..`.
  const arePlain = segments.every((segment) => /^(?!\.{1,2}$)[\w.~-]*$/.test(segment.replaceAll(PORT, "1")));
  return url !== null && url.port !== "0" && arePlain;
}

export const withPort = (publicAddress: string, port: number): string => publicAddress.replaceAll(PORT, String(port));

/** Null unless `text` is a host with an optional port and path. */
function readAddress(text: string): URL | null {
  if (/[@?#\s\\]/.test(text)) return null;
  // A scheme without a default port, which the parser would drop.
  const url = URL.parse(`tcp://${text}`);
  return url !== null && isHost(withoutBrackets(url.hostname)) ? url : null;
}
