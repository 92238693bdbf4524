/** One stay in the ranked queue, without a party. It draws nothing. */
import type { Room } from "@colyseus/sdk";
import { queueCloseCodes } from "../../schema/queueCodes.ts";
import type { SeatReservation } from "../../schema/queueRequests.ts";
import type { QueueState } from "../../schema/queueState.ts";
import type { Choice, Mode, Strategy } from "../choice.ts";
import { leaveRoom } from "../net/connection.ts";
import { describeClose, isConnectionLoss } from "../net/messages.ts";
import { loadNote, storeNote, storeReconnectionToken } from "../net/storage.ts";
import { texts } from "../texts.ts";
import { FoundMatch } from "./FoundMatch.ts";
import type { SessionEvents, Waiting } from "./sessionEvents.ts";

export class QueueSession {
  readonly mode: Mode;
  readonly found: FoundMatch;
  /** What has just happened, as a text for the player; empty for nothing. */
  message = "";
  private readonly room: Room<any, QueueState>;
  private readonly since: number;
  private readonly onChange: () => void;
  private readonly requestedStrategy: Strategy;
  private isOver = false;

  /** `isResumed`: the stay began before this page was loaded. */
  constructor(
    room: Room<any, QueueState>,
    { mode, strategy }: Pick<Choice, "mode" | "strategy">,
    isResumed: boolean,
    events: SessionEvents,
  ) {
    this.room = room;
    this.mode = mode;
    this.requestedStrategy = strategy;
    this.since = (isResumed && Number(loadNote("queued-at"))) || Date.now();
    storeNote("queued-at", String(this.since));
    this.found = new FoundMatch({
      takeSeat: events.takeSeat,
      confirm: () => room.send("confirm"),
      onChange: events.onChange,
      onError: events.onError,
    });
    this.onChange = events.onChange;
    room.onMessage("seat", (seat: SeatReservation) => {
      if (events.isInMatch(seat.roomId)) return;
      this.message = "";
      this.found.offer(seat);
    });
    room.onMessage("returned", () => {
      this.found.drop();
      this.showMessage(texts.queue.returned);
    });
    room.onStateChange(() => events.onChange());
    room.onError((code, message) => events.onError({ code, message }));
    room.onDrop(() => this.showMessage(texts.queue.reconnecting));
    room.onReconnect(() => this.showMessage(""));
    room.onLeave((code, reason) => {
      if (this.isOver) return;
      this.isOver = true;
      this.forget();
      const match = code === queueCloseCodes.QUEUE_DONE.code ? this.found.takeMatch() : null;
      if (match !== null) events.onMatch(match);
      else {
        this.found.drop();
        if (isConnectionLoss(code)) events.onConnectionLost();
        else events.onEnd(code === queueCloseCodes.QUEUE_DONE.code ? "" : describeClose(code, reason ?? ""));
      }
    });
  }

  get strategy(): string {
    return this.room.state?.strategy || this.requestedStrategy;
  }

  get waiting(): Waiting {
    const { state } = this.room;
    return { since: this.since, estimatedMs: state?.estimatedWaitMs ?? 0, players: Math.max(1, state?.waiting ?? 0) };
  }

  showMessage(text: string): void {
    this.message = text;
    this.onChange();
  }

  leave(): void {
    this.isOver = true;
    this.found.drop();
    leaveRoom("queue", this.room);
    this.forget();
  }

  private forget(): void {
    storeReconnectionToken("queue", null);
    storeNote("queued-at", null);
  }
}
