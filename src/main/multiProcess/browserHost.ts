import ipaddr from "ipaddr.js";
import { bracketed } from "../../platform/config/addresses.ts";

/** Whether `host` stands for all addresses of this machine, such as 0.0.0.0 and ::. */
export const isEveryAddress = (host: string): boolean =>
  ipaddr.isValid(host) && ipaddr.parse(host).range() === "unspecified";

/** For a host that is listened on, the host in a URL that a browser on this machine can open. */
export function browserHost(host: string): string {
  return isEveryAddress(host) || host === "127.0.0.1" ? "localhost" : bracketed(host);
}
