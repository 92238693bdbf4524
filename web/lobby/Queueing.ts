/** Owns one stay in the ranked queue, alone: what the server says of it, and what the player answers. It draws nothing. */
import type { Room } from "@colyseus/sdk";
import { queueCloseCodes } from "../../schema/queueCodes.ts";
import type { SeatReservation } from "../../schema/queueRequests.ts";
import type { QueueState } from "../../schema/queueState.ts";
import type { Choice, Mode, Strategy } from "../choice.ts";
import { leaveRoom } from "../net/connection.ts";
import { describeClose, isLostClose } from "../net/messages.ts";
import { keepNote, keepPlace, loadNote } from "../net/storage.ts";
import { FoundMatch } from "./FoundMatch.ts";
import type { StayEvents, Waiting } from "./stay.ts";

export class Queueing {
  readonly mode: Mode;
  readonly found: FoundMatch;
  /** What has just happened; empty for nothing. */
  said = "";
  private readonly room: Room<any, QueueState>;
  private readonly since: number;
  private readonly changed: () => void;
  private readonly wished: Strategy;
  private over = false;

  /** `resumed`: the stay began before this page was loaded. */
  constructor(
    room: Room<any, QueueState>,
    { mode, strategy }: Pick<Choice, "mode" | "strategy">,
    resumed: boolean,
    events: StayEvents,
  ) {
    this.room = room;
    this.mode = mode;
    this.wished = strategy;
    this.since = (resumed && Number(loadNote("queued-at"))) || Date.now();
    keepNote("queued-at", String(this.since));
    this.found = new FoundMatch({
      sit: events.sit,
      confirm: () => room.send("confirm"),
      changed: events.changed,
      failed: events.failed,
    });
    this.changed = events.changed;
    const say = (text: string): void => this.tell(text);
    room.onMessage("seat", (seat: SeatReservation) => {
      if (events.plays(seat.roomId)) return;
      this.said = "";
      this.found.offer(seat);
    });
    room.onMessage("returned", () => {
      this.found.drop();
      say("Somebody did not confirm. You are back in the queue, with all your waiting time.");
    });
    room.onStateChange(() => events.changed());
    room.onError((code, message) => events.failed({ code, message }));
    room.onDrop(() => say("Connection lost. Your place is kept while the page tries to come back …"));
    room.onReconnect(() => say(""));
    room.onLeave((code, reason) => {
      if (this.over) return;
      this.over = true;
      this.forget();
      const match = code === queueCloseCodes.QUEUE_DONE.code ? this.found.take() : null;
      if (match !== null) events.play(match);
      else {
        this.found.drop();
        if (isLostClose(code)) events.lost();
        else events.ended(code === queueCloseCodes.QUEUE_DONE.code ? "" : describeClose(code, reason ?? ""));
      }
    });
  }

  get strategy(): string {
    return this.room.state?.strategy || this.wished;
  }

  get waiting(): Waiting {
    const { state } = this.room;
    return { since: this.since, estimatedMs: state?.estimatedWaitMs ?? 0, players: Math.max(1, state?.waiting ?? 0) };
  }

  /** Shows a word on what has happened. */
  tell(text: string): void {
    this.said = text;
    this.changed();
  }

  leave(): void {
    this.over = true;
    this.found.drop();
    leaveRoom("queue", this.room);
    this.forget();
  }

  private forget(): void {
    keepPlace("queue", null);
    keepNote("queued-at", null);
  }
}
