/** Removes the addresses of services from the lines of `/readyz`, which anyone can read. */
import { withoutBrackets } from "../config/addresses.ts";

const HIDDEN = "(address)";

/** Only between URLs, because a URL of Redis may list several hosts. */
const BETWEEN_URLS = /,\s*(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/** What looks like an address: a URL, a host after an error of the resolver, an IP address, a host with a port. */
const PATTERNS: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]*:\/\/[^\s,;")]*[^\s,;")\].:]/gi,
  /(?<=\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET) )[^\s,;:")]+(?::\d{1,5})?/g,
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\w)/g,
  /\[[0-9a-f:.]*:[0-9a-f:.]*\](?::\d{1,5})?/gi,
  /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi,
  /(?<![\w.-])(?=[\w.-]*[a-z])[\w-]+(?:\.[\w-]+)*:\d{2,5}(?!\w)/gi,
];

/** `addresses`: the values of the variables that name services, in any of their forms: URLs, lists, hosts with ports. */
export function addressHider(addresses: readonly string[]): (line: string) => string {
  const single = addresses.flatMap((value) => value.split(BETWEEN_URLS));
  const hosts = [...new Set(single.flatMap(hostsOf))].sort((a, b) => b.length - a.length);
  const known = hosts.map((host) => new RegExp(`(?<![\\w.-])${escaped(host)}(?::\\d{1,5})?(?![\\w-]|\\.\\w)`, "g"));
  return (line) => [...PATTERNS, ...known].reduce((text, pattern) => text.replace(pattern, HIDDEN), line);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function hostsOf(value: string): string[] {
  const afterScheme = value.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  const [authority] = afterScheme.slice(afterScheme.lastIndexOf("@") + 1).split(/[/?#]/, 1);
  return authority.split(",").flatMap((part) => {
    const host = withoutBrackets(part.trim().replace(/:\d+$/, ""));
    return host === "" ? [] : [host];
  });
}
