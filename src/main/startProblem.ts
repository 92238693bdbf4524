import type { Config } from "../platform/config/readConfig.ts";
import { flagOf } from "../platform/config/settings.ts";

type SystemError = NodeJS.ErrnoException & { readonly port?: number; readonly hostname?: string };

/** The line that is printed when the program cannot start. */
export function startProblem(error: SystemError, { port, healthPort, host, healthHost }: Config): string {
  const { code, syscall, message } = error;
  const hosts = { HOST: host, HEALTH_HOST: healthHost };
  if (syscall === "getaddrinfo")
    for (const [variable, name] of Object.entries(hosts))
      if (error.hostname === name)
        return `${variable}: cannot find the address of ${JSON.stringify(name)} (${code}): expected an IP address or a host name of this machine; choose another with --${flagOf(variable)}`;
  if (syscall !== "listen" && syscall !== "bind") return message;
  const isHealth = healthPort !== undefined && error.port === healthPort;
  const hostVariable = isHealth && healthHost !== undefined ? "HEALTH_HOST" : "HOST";
  const listened = hosts[hostVariable] ?? host;
  const [variable, number] = isHealth ? ["HEALTH_PORT", healthPort] : ["PORT", port];
  const remedy = `choose another with --${flagOf(variable)}`;
  if (code === "EADDRINUSE") return `${variable}: ${number} is already in use on ${listened}; ${remedy}`;
  if (code === "EACCES") return `${variable}: no permission to listen on ${number}; ${remedy}`;
  return `${hostVariable}: cannot listen on ${JSON.stringify(listened)} (${code}): expected an address of this machine; choose another with --${flagOf(hostVariable)}`;
}
