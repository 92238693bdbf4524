import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { makeBaseImage } from "./baseImage.ts";
import { copyContext } from "./copyContext.ts";
import { isolatedCommand } from "./isolatedCommand.ts";
import { readDockerfile, type Stage, type Step, variablesOf } from "./readDockerfile.ts";
import { type RegistryAccess, registryAccess } from "./registryAccess.ts";

const exec = promisify(execFile);

/** The words that do not change the file system. */
const DECLARATIONS = ["VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT"];

/** A stage after the steps that have been run. */
export interface Built {
  readonly root: string;
  readonly env: Record<string, string>;
  workdir: string;
  /** `UID:GID` */
  user: string;
}

/** What each running container gets from its engine. */
export const mountsOf = (root: string): string[] => [
  `-t proc proc '${root}/proc'`,
  ...["resolv.conf", "hosts"].map((name) => `--bind /etc/${name} '${root}/etc/${name}'`),
];

/** Runs the steps of the Dockerfile, each stage in a root file system of its own, without a container engine. */
export class ImageBuild {
  readonly #folder: string;
  readonly #stages = new Map<string, Built>();
  #access: RegistryAccess | null = null;

  /** @param folder an empty one, for everything that is made */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Runs all stages. Resolves to the last. */
  async build(): Promise<Built> {
    copyContext(path.join(this.#folder, "context"));
    this.#access = await registryAccess(path.join(this.#folder, "registry"));
    let built: Built | null = null;
    for (const [at, stage] of readDockerfile().entries()) {
      built = await this.#run(stage, path.join(this.#folder, `stage${at}`));
      this.#stages.set(stage.name ?? String(at), built);
    }
    return built!;
  }

  async #run({ image, steps }: Stage, root: string): Promise<Built> {
    const base = path.join(this.#folder, image);
    if (!existsSync(base)) await makeBaseImage(image, base);
    await exec("cp", ["--archive", "--reflink=auto", base, root]);
    const built: Built = { root, env: {}, workdir: "/", user: "0:0" };
    for (const step of steps) await this.#step(step, built);
    return built;
  }

  async #step({ word, rest }: Step, built: Built): Promise<void> {
    if (word === "RUN") await this.#command(rest, built);
    else if (word === "COPY") await this.#copy(rest.split(" "), built);
    else if (word === "ENV") Object.assign(built.env, variablesOf(rest));
    else if (word === "WORKDIR") {
      built.workdir = path.posix.resolve(built.workdir, rest);
      makeFolder(path.join(built.root, built.workdir));
    } else if (word === "USER") built.user = rest;
    else if (!DECLARATIONS.includes(word)) throw new Error(`no case for the step ${word} of the Dockerfile`);
  }

  async #command(command: string, { root, env, workdir, user }: Built): Promise<void> {
    const [program, args] = isolatedCommand({
      ...{ root, user, workdir, env: { ...this.#access!.env, ...env } },
      mounts: [...mountsOf(root), ...this.#access!.mountsIn(root)],
      command: ["/bin/sh", "-c", command],
    });
    await exec(program, args, { maxBuffer: 2 ** 26 }).catch(({ stdout, stderr, code }) => {
      throw new Error(`RUN ${command}: exit code ${code}\n${stdout}${stderr}`);
    });
  }

  /** A folder is copied without its own name. All that is copied belongs to root. */
  async #copy(words: string[], { root, workdir }: Built): Promise<void> {
    const [, from] = /^--from=(.*)$/.exec(words[0]) ?? [];
    if (from !== undefined) words.shift();
    if (words[0].startsWith("--")) throw new Error(`no case for COPY ${words[0]}`);
    const source = from === undefined ? path.join(this.#folder, "context") : this.#stages.get(from)!.root;
    const target = words.pop()!;
    const absolute = path.join(root, path.posix.resolve(workdir, target));
    for (const word of words) {
      const file = path.join(source, word);
      const isInto = !statSync(file).isDirectory() && target.endsWith("/");
      const to = isInto ? path.join(absolute, path.basename(file)) : absolute;
      makeFolder(path.dirname(to));
      await exec("cp", [
        "--recursive",
        "--no-dereference",
        "--no-target-directory",
        "--preserve=mode,timestamps",
        file,
        to,
      ]);
    }
  }
}

/** Whatever the umask of this process is, everyone may read it. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
  chmodSync(folder, 0o755);
}
