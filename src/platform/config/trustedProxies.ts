import { isIP } from "node:net";
import proxyaddr from "proxy-addr";

const RANGES = ["loopback", "linklocal", "uniquelocal"];

/** Whether `text` is an address, a network, or the name of a range. */
export function isTrustedProxy(text: string): boolean {
  if (RANGES.includes(text)) return true;
  // The library reads 10 as the address 0.0.0.10.
  if (isIP(text.split("/", 1)[0]) === 0) return false;
  try {
    proxyaddr.compile(text);
    return true;
  } catch {
    return false;
  }
}
