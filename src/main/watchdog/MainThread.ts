/** The main thread while it stands in code that does not return, as seen from another thread by Node's inspector. */
import { once } from "node:events";
import { Session } from "node:inspector";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * So long, a call waits for the main thread, which does not answer while it runs native code. When it is paused for the first time, it
 * describes thousands of scripts, which takes seconds on a busy machine.
 */
const ANSWER_WITHIN_MS = 5000;

/** `lineNumber` counts from 0. */
interface CallFrame {
  readonly location: { readonly scriptId: string; readonly lineNumber: number };
}

export class MainThread {
  readonly #session = new Session();

  constructor() {
    this.#session.connectToMainThread();
  }

  /** Pauses the main thread in what it runs. Resolves to the line of code, as `path:line`; null if it is unknown. */
  async pause(): Promise<string | null> {
    // The frames themselves do not name their files.
    const files = new Map<string, string>();
    this.#session.on("Debugger.scriptParsed", ({ params: { scriptId, url } }) => files.set(scriptId, url));
    const paused = once(this.#session, "Debugger.paused", { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const frames = paused.then(
      ([{ params }]) => params.callFrames as CallFrame[],
      () => [],
    );
    this.#session.post("Debugger.enable");
    this.#session.post("Debugger.pause");
    return placeOf(await frames, files);
  }

  /** Whether the inspector is active in this process. Then a breakpoint may hold its code for any time. */
  async isDebugged(): Promise<boolean> {
    return (await this.#evaluate('process.getBuiltinModule("node:inspector").url() !== undefined')) === true;
  }

  /** Lets it run again, if it was paused here. */
  release(): void {
    this.#session.disconnect();
  }

  /** Ends the process. If the main thread runs native code, a signal ends it. */
  async exit(code: number): Promise<never> {
    // Without standard error, because Node would print there that it waits for a debugger.
    void this.#evaluate(`process.getBuiltinModule("node:fs").closeSync(2); process.reallyExit(${code})`);
    await delay(ANSWER_WITHIN_MS);
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => {});
  }

  /** Resolves to undefined if there is no answer. */
  #evaluate(expression: string): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.#session.post("Runtime.evaluate", { expression, returnByValue: true }, (_error, answer) =>
      resolve(answer?.result.value),
    );
    void delay(ANSWER_WITHIN_MS).then(() => resolve(undefined));
    return promise;
  }
}

/** The first line that is neither Node's own nor a library's, as `path:line`. */
function placeOf(frames: readonly CallFrame[], files: ReadonlyMap<string, string>): string | null {
  for (const { location } of frames) {
    const url = files.get(location.scriptId) ?? "";
    if (url.startsWith("file:") && !url.includes("/node_modules/"))
      return `${fileURLToPath(url)}:${location.lineNumber + 1}`;
  }
  return null;
}
