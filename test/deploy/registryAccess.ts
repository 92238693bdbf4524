import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { context } from "./readDockerfile.ts";

const exec = promisify(execFile);

/** What npm needs in an isolated command. */
export interface RegistryAccess {
  readonly env: Readonly<Record<string, string>>;
  /** Arguments of `mount` that give it npm's cache and the files that `env` names. */
  mountsIn(root: string): string[];
}

/** Lets npm use the registry, the proxies, the certificates and the cache of this machine. No image keeps anything of them. */
export async function registryAccess(folder: string): Promise<RegistryAccess> {
  const npm = async (name: string) => (await exec("npm", ["config", "get", name], { cwd: context })).stdout.trim();
  const [registry, cache] = [await npm("registry"), await npm("cache")];
  const files = {
    npm_config_userconfig: await npm("userconfig"),
    npm_config_cafile: await npm("cafile"),
    NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS ?? "",
  };
  const env: Record<string, string> = { npm_config_registry: registry, npm_config_cache: "/mnt/cache" };
  for (const [name, value] of Object.entries(process.env)) if (/^(https?|no)_proxy$/i.test(name)) env[name] = value!;
  mkdirSync(path.join(folder, "cache"), { recursive: true });
  mkdirSync(cache, { recursive: true });
  for (const [name, file] of Object.entries(files)) {
    if (!existsSync(file)) continue;
    copyFileSync(file, path.join(folder, name));
    env[name] = `/mnt/${name}`;
  }
  return { env, mountsIn: (root) => [`--bind '${folder}' '${root}/mnt'`, `--bind '${cache}' '${root}/mnt/cache'`] };
}
