import type { Config } from "../platform/config/readConfig.ts";

type SystemError = NodeJS.ErrnoException & { readonly port?: number; readonly hostname?: string };

/** The line that is printed when the program cannot start. */
export function startProblem(error: SystemError, { port, healthPort, host }: Config): string {
  const { code, syscall, message } = error;
  if (syscall === "getaddrinfo" && error.hostname === host)
    return `HOST: cannot find the address of ${JSON.stringify(host)} (${code}): expected an IP address or a host name of this machine; choose another with --host`;
  if (syscall !== "listen" && syscall !== "bind") return message;
  const [variable, flag, number] =
    healthPort !== undefined && error.port === healthPort
      ? ["HEALTH_PORT", "--health-port", healthPort]
      : ["PORT", "--port", port];
  if (code === "EADDRINUSE") return `${variable}: ${number} is already in use on ${host}; choose another with ${flag}`;
  if (code === "EACCES") return `${variable}: no permission to listen on ${number}; choose another with ${flag}`;
  return `HOST: cannot listen on ${JSON.stringify(host)} (${code}): expected an address of this machine; choose another with --host`;
}
