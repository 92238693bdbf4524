/** A DNS server that knows only the names that it is given, like that of a cluster. */
import { type ChildProcess, spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findFreePort } from "../../../tools/services/ports.ts";
import { debianServer } from "../proxies/ProxyUnderTest.ts";

/** By name. */
type Addresses = Readonly<Record<string, string>>;

export class Dnsmasq {
  readonly address: string;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #resolver = new Resolver({ timeout: 1000, tries: 1 });

  private constructor(command: string, port: number, addresses: Addresses) {
    this.address = `127.0.0.1:${port}`;
    this.#resolver.setServers([this.address]);
    this.#folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-dns-"));
    this.#write(addresses);
    const listen = [`--port=${port}`, "--listen-address=127.0.0.1", "--bind-interfaces", "--keep-in-foreground"];
    // Another user could not read the folder.
    const user = process.getuid?.() === 0 ? ["--user=root"] : [];
    const alone = ["--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=", ...user];
    this.#child = spawn(command, [...listen, ...alone, `--addn-hosts=${this.#hosts}`], { stdio: "ignore" });
  }

  static async start(addresses: Addresses): Promise<Dnsmasq> {
    const dns = new Dnsmasq(await debianServer("dnsmasq", "dnsmasq-base"), await findFreePort([]), addresses);
    await dns.#untilServed(addresses);
    return dns;
  }

  /** Replaces all names. Resolves once the server answers with them. */
  async serve(addresses: Addresses): Promise<void> {
    this.#write(addresses);
    this.#child.kill("SIGHUP");
    await this.#untilServed(addresses);
  }

  async #untilServed(addresses: Addresses): Promise<void> {
    for (const [name, address] of Object.entries(addresses)) {
      while ((await this.#resolver.resolve4(name).catch(() => []))[0] !== address) {
        if (this.#child.exitCode !== null) throw new Error(`dnsmasq ended with ${this.#child.exitCode}`);
        await delay(50);
      }
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #hosts(): string {
    return path.join(this.#folder, "hosts");
  }

  #write(addresses: Addresses): void {
    writeFileSync(
      this.#hosts,
      Object.entries(addresses)
        .map(([name, address]) => `${address} ${name}\n`)
        .join(""),
    );
  }
}
