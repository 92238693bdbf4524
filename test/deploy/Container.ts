import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { childrenOf } from "../chaos/processTree.ts";
import { type Built, mountsOf } from "./ImageBuild.ts";
import { commandBeside, isolatedCommand } from "./isolatedCommand.ts";

const exec = promisify(execFile);

/** As deploy/kubernetes sets it: no capability, and no way to get one. */
const LIMITS = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"];

export interface ContainerOptions {
  readonly image: Built;
  readonly command: readonly string[];
  /** In addition to the image's. */
  readonly env: Readonly<Record<string, string>>;
  /** Folders of this machine, and where the container sees them. */
  readonly volumes: Readonly<Record<string, string>>;
}

/**
 * A process that runs as a container engine runs it with a read-only root file system: as process 1, as the image's user, without
 * capabilities, with a writable /tmp and the volumes. It has the network of this machine.
 */
export class Container {
  /** Everything that it has printed. */
  output = "";
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  readonly #options: ContainerOptions;
  readonly #child: ChildProcess;

  constructor(options: ContainerOptions) {
    this.#options = options;
    const { root } = options.image;
    const mounts = [
      ...[`--bind '${root}' '${root}'`, ...mountsOf(root), `-t tmpfs tmpfs '${root}/tmp'`],
      ...Object.entries(options.volumes).map(([folder, at]) => `--bind '${folder}' '${root}${at}'`),
      `-o remount,bind,ro '${root}'`,
    ];
    const [program, args] = isolatedCommand({ root, mounts, ...this.#process(options.command) });
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => void (this.output += text));
    this.ended = once(this.#child, "close") as typeof this.ended;
  }

  /** Resolves when it has printed the text. Rejects if it ends before. */
  async untilPrinted(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const printed = once(this.#child.stdout!, "data").then(() => true);
      if (!(await Promise.race([printed, this.ended.then(() => false)]))) throw new Error(`it ended: ${this.output}`);
    }
  }

  /** Of the container's process 1, as this machine counts. */
  get pid(): number {
    return childrenOf(this.#child.pid!)[0];
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /**
   * Runs another command in the container. Resolves to what it prints.
   * @param user default: the image's
   */
  async exec(command: readonly string[], { user, env }: { user?: string; env?: Record<string, string> } = {}) {
    const own = this.#process(command);
    const beside = { ...own, user: user ?? own.user, env: { ...own.env, ...env } };
    return (await exec(...commandBeside(this.pid, beside))).stdout;
  }

  /** Also removes its mounts. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  #process(command: readonly string[]) {
    const { image, env } = this.#options;
    return { user: image.user, workdir: image.workdir, limits: LIMITS, env: { ...image.env, ...env }, command };
  }
}
