/** One client of `playOver`: it answers each state with an input, until the match has ended. */
import type { Room } from "@colyseus/sdk";
import type { MatchStateShape } from "../Game.ts";
import type { FrameFields } from "./writeFrame.ts";

/** What one client received. */
export interface ClientResult<S> {
  readonly sessionId: string;
  /** The state of the end. */
  readonly state: S;
  /** The facts of all messages, as `{ t, …fields }`, with ids for players. */
  readonly facts: readonly Readonly<Record<string, unknown>>[];
}

export class ClientOver<S extends MatchStateShape> {
  readonly room: Room<any, any>;
  private readonly facts: Record<string, unknown>[] = [];
  private readonly ending = Promise.withResolvers<void>();

  constructor(room: Room<any, any>, frameFor: (state: S) => FrameFields | undefined) {
    this.room = room;
    // Rejections before `ended` is called are kept for it.
    this.ending.promise.catch(() => {});
    room.reconnection.enabled = false;
    room.onMessage("*", () => {});
    room.onMessage("facts", ({ facts }) => void this.facts.push(...facts));
    room.onLeave((code, reason = "") =>
      this.fail(`client ${room.sessionId} was disconnected before the end with code ${code} ${reason}`),
    );
    const input = room.input();
    room.onStateChange((state: S) => {
      if (state.phase === "ended") this.ending.resolve();
      const fields = this.frameOrFail(state, frameFor);
      if (fields === undefined || state.phase === "ended") return;
      Object.assign(input.data as object, fields);
      input.send();
    });
  }

  /** Resolves at the end of the match. */
  async ended(signal: AbortSignal): Promise<void> {
    const onAbort = (): void => {
      const { tick, phase } = this.state;
      this.fail(`the match did not end in time: it is at tick ${tick}, phase ${phase}`);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    await this.ending.promise.finally(() => signal.removeEventListener("abort", onAbort));
  }

  get state(): S {
    return this.room.state;
  }

  get received(): ClientResult<S> {
    return { sessionId: this.room.sessionId, state: this.state, facts: this.facts };
  }

  async leave(): Promise<void> {
    if (this.room.connection.isOpen) await this.room.leave();
  }

  /** An error of the test's own function must not end the process. */
  private frameOrFail(state: S, frameFor: (state: S) => FrameFields | undefined): FrameFields | undefined {
    try {
      return frameFor(state);
    } catch (error) {
      this.ending.reject(error);
      return undefined;
    }
  }

  private fail(problem: string): void {
    this.ending.reject(new Error(problem.trim()));
  }
}
