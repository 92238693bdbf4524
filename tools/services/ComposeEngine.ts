/**
 * Runs services as containers of compose.yaml, one Compose project per set. Passes ports and passwords as environment variables.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Engine } from "./Engine.ts";
import type { Report } from "./Progress.ts";
import { type ServiceName, serviceNames } from "./serviceNames.ts";
import type { SetState } from "./state.ts";
import { images, portVariables } from "./versions.ts";

const composeFile = path.resolve(import.meta.dirname, "../../compose.yaml");
const execute = promisify(execFile);

/** Whether a Docker engine with Compose responds. The `docker` client alone is not enough. */
export async function hasDockerEngine(): Promise<boolean> {
  try {
    await execute("docker", ["info", "--format", "{{.ServerVersion}}"], { timeout: 15_000 });
    await execute("docker", ["compose", "version"], { timeout: 15_000 });
    return true;
  } catch {
    return false;
  }
}

export class ComposeEngine implements Engine {
  readonly #state: SetState;

  constructor(state: SetState) {
    this.#state = state;
  }

  async start(name: ServiceName, report: Report): Promise<void> {
    report(name, `docker compose up (downloads ${images[name]} the first time)`);
    await this.#compose("up", "--detach", name);
  }

  async isRunning(name: ServiceName): Promise<boolean> {
    const running = await this.#compose("ps", "--status", "running", "--services");
    return running.split("\n").includes(name);
  }

  async stop(names: readonly ServiceName[], wipe: boolean): Promise<void> {
    if (wipe) await this.#compose("down", "--volumes");
    else if (serviceNames.every((name) => names.includes(name))) await this.#compose("down");
    else await this.#compose("rm", "--force", "--stop", ...names);
  }

  async kill(name: ServiceName): Promise<void> {
    await this.#compose("kill", "--signal", "SIGKILL", name);
  }

  async pause(name: ServiceName): Promise<void> {
    await this.#compose("pause", name);
  }

  async resume(name: ServiceName): Promise<void> {
    await this.#compose("unpause", name);
  }

  async lastOutput(name: ServiceName): Promise<string> {
    return this.#compose("logs", "--no-color", "--tail", "15", name);
  }

  async #compose(...args: string[]): Promise<string> {
    const whole = ["compose", "--file", composeFile, "--project-name", `hypogeum-${this.#state.id}`, ...args];
    try {
      const { stdout } = await execute("docker", whole, { env: { ...process.env, ...this.#variables() } });
      return stdout;
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: string };
      throw new Error(`docker compose ${args[0]} failed: ${(stderr || message).trim()}`);
    }
  }

  #variables(): Record<string, string> {
    const { ports, postgresPassword, kafkaPassword, s3AccessKeyId, s3SecretAccessKey } = this.#state;
    const portOf = (name: ServiceName) => [portVariables[name], String(ports[name])];
    return {
      ...Object.fromEntries(serviceNames.filter((name) => ports[name] !== undefined).map(portOf)),
      ...(ports.kafkaUsers !== undefined && { KAFKA_USERS_PORT: String(ports.kafkaUsers) }),
      POSTGRES_PASSWORD: postgresPassword,
      KAFKA_PASSWORD: kafkaPassword,
      S3_ACCESS_KEY_ID: s3AccessKeyId,
      S3_SECRET_ACCESS_KEY: s3SecretAccessKey,
    };
  }
}
