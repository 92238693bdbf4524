/** The watchdog, as seen from the game's thread: starts its thread, and passes on what matches report. */
import path from "node:path";
import { Worker } from "node:worker_threads";
import type { Frames } from "../../game/Frames.ts";
import type { GameWatch, MatchWatch, WatchedMatch } from "../../game/GameWatch.ts";
import type { GameWorld } from "../../game/GameWorld.ts";
import { siblingModule } from "../../platform/files/siblingModule.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { WatchdogSettings, WatchMessage } from "./messages.ts";
import { FrameRows, StepBeat } from "./SharedStep.ts";

/** A world is saved so often. Frames are kept from there on. */
const SAVE_EVERY_MS = 10_000;

type Post = (message: WatchMessage, transfer?: ArrayBuffer[]) => void;

interface WatchdogOptions extends Pick<WatchdogSettings, "logLevel" | "processName"> {
  readonly dataDir: string;
  readonly log: Pick<Logger, "error">;
}

export class Watchdog implements GameWatch {
  readonly #beat = new StepBeat();
  readonly #post: Post;
  #slots = 0;

  /** Starts the thread, which does not keep the process running. */
  constructor({ dataDir, logLevel, processName, log }: WatchdogOptions) {
    const folder = path.join(path.resolve(dataDir), "faults");
    const workerData: WatchdogSettings = { beat: this.#beat.shared, folder, logLevel, processName };
    const worker = new Worker(siblingModule(import.meta, "./watchdogEntry"), { workerData });
    worker.unref();
    worker.on("error", (err) =>
      log.error({ err }, "the watchdog has failed: until this process is restarted, an endless step does not end it"),
    );
    this.#post = (message, transfer = []) => worker.postMessage(message, transfer);
  }

  open(match: WatchedMatch): MatchWatch {
    return new Watched(match, ++this.#slots, this.#beat, this.#post);
  }
}

class Watched implements MatchWatch {
  readonly #slot: number;
  readonly #beat: StepBeat;
  readonly #post: Post;
  readonly #keptTicks: number;
  #rows: FrameRows | null = null;
  #tick = 0;

  constructor(match: WatchedMatch, slot: number, beat: StepBeat, post: Post) {
    [this.#slot, this.#beat, this.#post] = [slot, beat, post];
    this.#keptTicks = Math.ceil((SAVE_EVERY_MS * match.setup.tickRate) / 1000);
    post({ type: "open", slot, match });
  }

  enter(tick: number): void {
    this.#tick = tick;
    this.#beat.enter(this.#slot, tick);
  }

  stepping(frames: Frames): void {
    this.#rows ??= this.#create(frames);
    this.#rows.add(frames);
  }

  stepped(world: Pick<GameWorld, "save">): void {
    if (this.#rows?.isFull) this.#save(this.#rows, world);
  }

  leave(): void {
    this.#beat.leave();
  }

  close(): void {
    this.leave();
    this.#post({ type: "close", slot: this.#slot });
  }

  #create({ seats, width }: Frames): FrameRows {
    const rows = FrameRows.create(seats, width, this.#keptTicks);
    this.#post({ type: "rows", slot: this.#slot, seats, width, rows: rows.shared });
    return rows;
  }

  #save(rows: FrameRows, world: Pick<GameWorld, "save">): void {
    let bytes: Uint8Array<ArrayBuffer> | null = null;
    try {
      bytes = new Uint8Array(world.save());
    } catch {
      // Until the game saves a world somewhere else, this costs nothing but a part of the test case.
    }
    this.#post({ type: "saved", slot: this.#slot, tick: this.#tick, bytes }, bytes === null ? [] : [bytes.buffer]);
    rows.restart(this.#tick);
  }
}
