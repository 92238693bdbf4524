/**
 * Shows the current step of each service and how long it has taken. On a terminal the steps are redrawn in place twice a second.
 * Elsewhere each step is one line, repeated now and then while it lasts.
 */
import type { ServiceName } from "./serviceNames.ts";

/** Called when a step of a service begins. */
export type Report = (service: ServiceName, step: string) => void;

interface Step {
  readonly text: string;
  readonly since: number;
}

const redrawMs = 500;
const remindMs = 20_000;

export class Progress {
  readonly #out: NodeJS.WriteStream;
  readonly #steps = new Map<ServiceName, Step>();
  readonly #beganAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #drawnLines = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
    this.#timer = out.isTTY ? setInterval(() => this.#redraw(), redrawMs) : setInterval(() => this.#remind(), remindMs);
  }

  readonly report: Report = (service, text) => {
    this.#steps.set(service, { text, since: performance.now() });
    if (this.#out.isTTY) this.#redraw();
    else this.#out.write(`${this.#line(service, text, this.#beganAt)}\n`);
  };

  /** Replaces the service's step by a line that stays. */
  done(service: ServiceName, text: string): void {
    this.#steps.delete(service);
    this.#erase();
    this.#out.write(`${service.padEnd(9)} ${text}\n`);
    if (this.#out.isTTY) this.#redraw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #line(service: ServiceName, text: string, since: number): string {
    return `${service.padEnd(9)} ${text} (${seconds(performance.now() - since)})`;
  }

  #redraw(): void {
    this.#erase();
    for (const [service, step] of this.#steps) this.#out.write(`${this.#line(service, step.text, step.since)}\n`);
    this.#drawnLines = this.#steps.size;
  }

  #remind(): void {
    for (const [service, step] of this.#steps) {
      this.#out.write(`${this.#line(service, `still: ${step.text}`, step.since)}\n`);
    }
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#out.write(`\x1b[${this.#drawnLines}A\x1b[J`);
    this.#drawnLines = 0;
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
