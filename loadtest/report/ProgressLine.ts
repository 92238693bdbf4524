/** The progress of a run on one line: overwritten on a terminal, printed every few seconds otherwise. */
import type { LoadSettings } from "../options.ts";
import type { Second } from "../summary.ts";
import { bar, number, sparkline } from "./bars.ts";

const BAR_WIDTH = 12;
const TREND_SECONDS = 12;
/** Interval between printed lines if they cannot be overwritten. */
const EVERY_SECONDS = 10;

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class ProgressLine {
  private readonly settings: LoadSettings;
  private readonly terminal: Terminal;
  private readonly gaps: (number | null)[] = [];
  private missed = 0;
  private failed = 0;
  /** Whether the cursor is at the end of a line that can be overwritten. */
  private isShown = false;

  constructor(settings: LoadSettings, terminal: Terminal) {
    this.settings = settings;
    this.terminal = terminal;
  }

  show(second: Second): void {
    this.gaps.push(second.times.gap.p99);
    if (this.gaps.length > TREND_SECONDS) this.gaps.shift();
    const { missedTicks, skippedTicks, reorderedPatches, divergentPatches } = second.counters;
    this.missed += missedTicks + skippedTicks + reorderedPatches + divergentPatches;
    for (const counts of [second.errors, second.refused])
      for (const count of Object.values(counts)) this.failed += count;
    const line = this.text(second);
    if (this.terminal.isTTY) {
      this.terminal.write(`\r\x1b[2K${line.slice(0, (this.terminal.columns ?? 120) - 1)}`);
      this.isShown = true;
    } else if (second.at % EVERY_SECONDS === 0) {
      this.terminal.write(`${line}\n`);
    }
  }

  end(): void {
    if (this.isShown) this.terminal.write("\n");
    this.isShown = false;
  }

  private text({ at, counters, times, servers }: Second): string {
    const { bots, seconds } = this.settings;
    const pair = ({ p50, p99 }: { p50: number | null; p99: number | null }) => `${number(p50)}/${number(p99)}`;
    const latenessP99 = Math.max(...servers.map(({ tickLateP99 }) => tickLateP99 ?? -1), -1);
    const cpu = servers.reduce((sum, one) => sum + (one.cpu ?? 0), 0);
    return [
      `${at}/${seconds} s`,
      `${bar(counters.playing / bots, BAR_WIDTH)} ${counters.playing}/${bots}`,
      `patch gap ${pair(times.gap)} ${sparkline(this.gaps)}`,
      `latency ${pair(times.latency)}`,
      `tick lateness ${number(latenessP99 < 0 ? null : latenessP99)}`,
      `cpu ${bar(cpu, 5)} ${Math.round(cpu * 100)} %`,
      `missed ${this.missed}`,
      `failed ${this.failed}`,
    ].join(" · ");
  }
}
