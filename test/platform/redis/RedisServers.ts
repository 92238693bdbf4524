/** Redis servers and Sentinels of a test's own, and a proxy before them. They end with `stop`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { findFreePort } from "../../../tools/services/ports.ts";

export class RedisServers {
  readonly #folder = mkdtempSync(path.join(tmpdir(), "hypogeum-redis-"));
  readonly #children = new Map<number, ChildProcess>();
  readonly #clients: Redis[] = [];
  readonly #proxies: TcpProxy[] = [];

  /** Resolves to the port. `args`: options such as `--cluster-enabled yes`. */
  async start(args: readonly string[] = [], port?: number): Promise<number> {
    const chosen = port ?? (await findFreePort([...this.#children.keys()]));
    const dir = mkdtempSync(path.join(this.#folder, "server-"));
    await this.#spawn(chosen, ["--bind", "127.0.0.1", "--dir", dir, "--save", "", "--port", String(chosen), ...args]);
    return chosen;
  }

  /** Starts a Sentinel that alone decides on a failover of the primary `name`. Resolves to its port. */
  async sentinel(name: string, primary: number): Promise<number> {
    const port = await findFreePort([...this.#children.keys()]);
    const file = path.join(this.#folder, `sentinel-${port}.conf`);
    writeFileSync(
      file,
      `port ${port}
bind 127.0.0.1
dir ${this.#folder}
sentinel monitor ${name} 127.0.0.1 ${primary} 1
sentinel down-after-milliseconds ${name} 1000
sentinel failover-timeout ${name} 10000
`,
    );
    await this.#spawn(port, [file, "--sentinel"]);
    return port;
  }

  /** A connection of the test's own. */
  client(port: number): Redis {
    const client = new Redis(port, "127.0.0.1");
    client.on("error", () => {});
    this.#clients.push(client);
    return client;
  }

  async proxy(port: number): Promise<TcpProxy> {
    const proxy = await TcpProxy.start(port);
    this.#proxies.push(proxy);
    return proxy;
  }

  async kill(port: number): Promise<void> {
    const child = this.#children.get(port)!;
    this.#children.delete(port);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect();
    for (const proxy of this.#proxies.splice(0)) proxy.close();
    await Promise.all([...this.#children.keys()].map((port) => this.kill(port)));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #spawn(port: number, args: readonly string[]): Promise<void> {
    const child = spawn("redis-server", args, { stdio: "ignore" });
    const end = () => child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    this.#children.set(port, child);
    while (!(await isOpen(port))) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}: ${args.join(" ")}`);
      await delay(50);
    }
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Connects to one server after another. Its connections stay open when it changes the server, as those of a cloud's address. */
export class TcpProxy {
  /** The server of new connections. */
  target: number;
  /** While true, nothing passes, and connections stay open. */
  isBlocked = false;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #forgotten = new Set<net.Socket>();

  private constructor(target: number) {
    this.target = target;
    this.#server = net.createServer((socket) => {
      const server = net.connect(this.target, "127.0.0.1");
      for (const [from, to] of [
        [socket, server],
        [server, socket],
      ]) {
        this.#sockets.add(from);
        from.on("data", (bytes) => this.isBlocked || this.#forgotten.has(from) || to.write(bytes));
        from.on("error", () => {});
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  static async start(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** From now on, nothing passes through the connections that exist. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket);
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
