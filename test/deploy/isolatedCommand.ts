/** The environment that images of Node and Docker itself set. */
export const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface Isolated {
  /** The folder that is `/` for the command. */
  readonly root: string;
  /** Arguments of `mount`, one string for each call. No mount is seen outside, and all end with the command. */
  readonly mounts: readonly string[];
  /** Numbers: `1000:1000`. */
  readonly user: string;
  /** More options of setpriv. */
  readonly limits?: readonly string[];
  /** Below `root`. */
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
}

/**
 * Returns a program and its arguments, which run the command as process 1 of its own process and mount namespaces. Each program on
 * the way there replaces itself by the next one. The kernel kills the command when the process that started it is gone.
 */
export function isolatedCommand({ root, mounts, ...rest }: Isolated): [string, string[]] {
  const script = ["set -e", "umask 022", ...mounts.map((mount) => `mount ${mount}`), 'exec chroot "$@"'].join("\n");
  const namespaces = ["unshare", "--pid", "--mount", "--fork", "--kill-child"];
  return ["setpriv", ["--pdeathsig=KILL", ...namespaces, "sh", "-c", script, "sh", root, ...asUser(rest)]];
}

/** The same in the namespaces of a process that is already running, like `docker exec`. */
export function commandBeside(pid: number, rest: Omit<Isolated, "root" | "mounts">): [string, string[]] {
  return ["nsenter", [`--target=${pid}`, "--mount", "--pid", "--root", ...asUser(rest)]];
}

function asUser({ user, limits = [], workdir, env, command }: Omit<Isolated, "root" | "mounts">): string[] {
  const [uid, gid] = user.split(":");
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--pdeathsig=KILL"];
  const variables = Object.entries({ PATH, HOME: uid === "0" ? "/root" : "/home/node", ...env });
  const pairs = variables.map(([name, value]) => `${name}=${value}`);
  return [
    ...["/usr/bin/setpriv", ...ids, ...limits],
    ...["/usr/bin/env", "--ignore-environment", `--chdir=${workdir}`, ...pairs, ...command],
  ];
}
