/** For a host that is listened on, the host in a URL that a browser on this machine can open. */
export function browserHost(host: string): string {
  if (host === "0.0.0.0" || host === "::" || host === "127.0.0.1") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
