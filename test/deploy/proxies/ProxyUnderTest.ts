/** An example of deploy/ that a real proxy runs, on ports of this test, with a certificate for `localhost`. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import https, { type RequestOptions } from "node:https";
import { connect } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { debianProgram } from "../../../tools/services/native/apt.ts";
import { findProgram } from "../../../tools/services/native/run.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const LOGS = ["hypogeum.log", "hypogeum-errors.log"];

/** Of an example: the lines that become rules without their `#`, for `replace`. Comments have a space after it. */
export const commentedRules = (file: string): [string, string][] =>
  [...readFileSync(path.join(root, file), "utf8").matchAll(/^ *#\S.*$/gm)].map(([line]) => [
    line,
    line.replace("#", ""),
  ]);

/** The headers of a WebSocket's first request. */
export const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
} as const;

interface Example {
  /** Its path in the tree. */
  readonly file: string;
  readonly run: "nginx" | "haproxy";
  /** What the test replaces in it: ports, and names that exist only in a cluster. */
  readonly replace: readonly (readonly [string, string])[];
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Writes `fullchain.pem`, `privkey.pem` and `combined.pem` into the folder. */
function makeCertificate(folder: string): void {
  const [key, certificate] = [path.join(folder, "privkey.pem"), path.join(folder, "fullchain.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"];
  const files = ["-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], { stdio: "pipe" });
  writeFileSync(path.join(folder, "combined.pem"), readFileSync(certificate, "utf8") + readFileSync(key, "utf8"));
}

/** What the examples name, and the test's files instead. */
const pathsIn = (folder: string): [string, string][] => [
  ["/etc/ssl/play.example.com", folder],
  ["/etc/tls/tls.crt", path.join(folder, "fullchain.pem")],
  ["/etc/tls/tls.key", path.join(folder, "privkey.pem")],
  ["/tmp/nginx.pid", path.join(folder, "pid")],
  ["_temp_path /tmp", `_temp_path ${folder}`],
  ["/var/log/nginx", folder],
  ["/dev/stdout", path.join(folder, LOGS[0])],
  ["/dev/stderr", path.join(folder, LOGS[1])],
];

/** Debian's, which are in a folder that is not on every user's PATH. */
export function debianServer(name: string, packageName: string): Promise<string> {
  return debianProgram(packageName, () => {
    const inSystem = `/usr/sbin/${name}`;
    return findProgram(name) ?? (existsSync(inSystem) ? inSystem : null);
  });
}

export class ProxyUnderTest {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ca: Buffer;
  #output = "";

  private constructor(port: number, folder: string, command: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#ca = readFileSync(path.join(folder, "fullchain.pem"));
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => void (this.#output += text));
  }

  /** Resolves once the proxy accepts connections. `port` is that of TLS. */
  static async start(port: number, { file, run, replace }: Example): Promise<ProxyUnderTest> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-proxy-"));
    makeCertificate(folder);
    const text = [...replace, ...pathsIn(folder)].reduce(
      (all, [from, to]) => all.replaceAll(from, to),
      readFileSync(path.join(root, file), "utf8"),
    );
    writeFileSync(path.join(folder, "example"), text);
    const proxy = new ProxyUnderTest(port, folder, ...(await commandOf(run, folder)));
    while (!(await accepts(port))) {
      if (proxy.#child.exitCode !== null) throw new Error(`${run} ended: ${proxy.#output}`);
      await delay(50);
    }
    return proxy;
  }

  /** With the option `localAddress`, the client has that loopback address. */
  async request(target: string, options: RequestOptions = {}, body = ""): Promise<Reply> {
    const request = https.request({ ...this.#target(target), ...options }).end(body);
    const upgraded = once(request, "upgrade").then(([response, socket]) => [response, void socket.destroy()]);
    const [response] = await Promise.race([once(request, "response"), upgraded]);
    let text = "";
    if (response.statusCode === 101) return { status: 101, headers: response.headers, text };
    response.setEncoding("utf8");
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  }

  /** Resolves with the first part of the body, and closes the connection. */
  async firstChunk(target: string): Promise<string> {
    const request = https.request(this.#target(target)).end();
    const [response] = await once(request, "response");
    const [chunk] = await once(response, "data");
    request.destroy();
    return String(chunk);
  }

  /** Resolves with the first message that the server sends. */
  async firstMessage(address: string): Promise<Buffer> {
    const socket = new WebSocket(`wss://${address}`, { ca: this.#ca });
    try {
      const [message] = await once(socket, "message");
      return message;
    } finally {
      socket.terminate();
    }
  }

  /** Everything that the proxy has logged. */
  logged(): string {
    const files = LOGS.map((name) => path.join(this.#folder, name));
    return [this.#output, ...files.filter(existsSync).map((file) => readFileSync(file, "utf8"))].join("\n");
  }

  /** How many files each worker process of nginx may open. */
  openFilesOfWorkers(): number[] {
    const { pid } = this.#child;
    const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    return workers.map((worker) => {
      const limits = readFileSync(`/proc/${worker}/limits`, "utf8");
      return Number(/^Max open files +(\d+)/m.exec(limits)![1]);
    });
  }

  /** A proxy logs a request after it has sent the response. */
  async untilLogged(text: string): Promise<void> {
    while (!this.logged().includes(text)) await delay(50);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #target(target: string): RequestOptions {
    return { host: "localhost", family: 4, port: this.port, path: target, ca: this.#ca, agent: false };
  }
}

async function commandOf(run: Example["run"], folder: string): Promise<[string, readonly string[]]> {
  const example = path.join(folder, "example");
  if (run === "haproxy") return [await debianServer("haproxy", "haproxy"), ["-db", "-f", example]];
  const text = readFileSync(example, "utf8");
  const isWhole = /^http \{/m.test(text);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${path.join(folder, name)};`,
  );
  const main = path.join(folder, "main");
  const http = `http { ${temporary.join(" ")} include ${example}; }`;
  writeFileSync(main, `pid ${folder}/pid; error_log stderr crit; ${linesForMain(text)} ${http}`);
  // For root, because other users cannot read the folder.
  const directives = `daemon off;${process.getuid?.() === 0 ? " user root;" : ""}`;
  const nginx = await debianServer("nginx", "nginx-light");
  return [nginx, ["-p", folder, "-c", isWhole ? example : main, "-g", directives]];
}

/** What the comments of the example say about the file that includes it. */
function linesForMain(example: string): string {
  return [...example.matchAll(/^# +(worker_rlimit_nofile .*;|events .*\})$/gm)].map(([, line]) => line).join("\n");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(void socket.destroy() === undefined));
    socket.once("error", () => resolve(false));
  });
}
