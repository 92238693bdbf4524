/**
 * Owns one stay in a party: its members as the server tells them, its place in the queue, and what the player says there.
 * It draws nothing.
 */
import type { Room } from "@colyseus/sdk";
import type { PartyMember, PartyState } from "../../schema/partyState.ts";
import type { SeatReservation, Strategy } from "../../schema/queueRequests.ts";
import { leaveRoom } from "../net/connection.ts";
import { describeClose, isLostClose } from "../net/messages.ts";
import { keepNote, keepPlace } from "../net/storage.ts";
import { FoundMatch } from "./FoundMatch.ts";
import type { StayEvents, Waiting } from "./stay.ts";

const ENDED: Readonly<Record<string, string>> = {
  declined: "The match was declined. The party is out of the queue.",
  expired: "Not all of the party confirmed in time. It is out of the queue.",
  replaced: "Somebody of the party queues elsewhere. The party is out of the queue.",
};

export class Party {
  readonly found: FoundMatch;
  /** What has just happened; empty for nothing. */
  said = "";
  private readonly room: Room<any, PartyState>;
  private phaseBefore = "idle";
  private over = false;

  constructor(room: Room<any, PartyState>, events: StayEvents) {
    this.room = room;
    keepNote("party-code", room.roomId);
    this.found = new FoundMatch({
      sit: events.sit,
      confirm: () => room.send("confirm"),
      changed: events.changed,
      failed: events.failed,
    });
    const say = (text: string): void => {
      this.said = text;
      events.changed();
    };
    room.onMessage("seat", (seat: SeatReservation) => {
      if (events.plays(seat.roomId)) return;
      this.said = "";
      this.found.offer(seat);
    });
    room.onMessage("returned", () => {
      this.found.drop();
      say("Somebody did not confirm. The party is back in the queue, with all its waiting time.");
    });
    room.onMessage("queueEnded", ({ how }: { how: string }) => {
      const match = how === "confirmed" ? this.found.take() : null;
      if (match !== null) events.play(match);
      else this.found.drop();
      say(ENDED[how] ?? "");
    });
    room.onStateChange(() => {
      this.noticeEnd();
      events.changed();
    });
    room.onError((code, message) => {
      this.said = "";
      events.failed({ code, message });
    });
    room.onDrop(() => say("Connection lost. The page tries to come back …"));
    room.onReconnect(() => say(""));
    room.onLeave((code, reason) => {
      if (this.over) return;
      this.over = true;
      this.found.drop();
      keepPlace("party", null);
      if (isLostClose(code)) events.lost();
      else {
        keepNote("party-code", null);
        events.ended(describeClose(code, reason ?? ""));
      }
    });
  }

  get code(): string {
    return this.room.roomId;
  }

  get phase(): string {
    return this.room.state?.phase ?? "idle";
  }

  get mode(): string {
    return this.room.state?.mode ?? "";
  }

  /** In the order in which they came. */
  get members(): readonly PartyMember[] {
    return [...(this.room.state?.members?.values() ?? [])];
  }

  get own(): PartyMember | undefined {
    return this.room.state?.members?.get(this.room.sessionId);
  }

  isLeader(member: PartyMember | undefined): boolean {
    return member !== undefined && member.playerId === this.room.state.leader;
  }

  get waiting(): Waiting {
    const { waitingSince, estimatedWaitMs, waiting } = this.room.state;
    const players = Math.max(this.members.length, waiting);
    return { since: waitingSince || Date.now(), estimatedMs: estimatedWaitMs, players };
  }

  ready(ready: boolean): void {
    this.said = "";
    this.room.send("ready", ready);
  }

  /** Who leads and asks for a match is ready. */
  queue(mode: string, strategy: Strategy): void {
    this.said = "";
    this.room.send("ready", true);
    this.room.send("queue", { mode, strategy });
  }

  /** Whoever listens on a page of theirs is told. */
  invite(playerId: string): void {
    this.said = "The invitation is on its way. It shows where they have this page open.";
    this.room.send("invite", { playerId });
  }

  cancel(): void {
    this.room.send("cancel");
  }

  kick(playerId: string): void {
    this.room.send("kick", { playerId });
  }

  passOn(playerId: string): void {
    this.room.send("leader", { playerId });
  }

  leave(): void {
    this.over = true;
    this.found.drop();
    leaveRoom("party", this.room);
    keepNote("party-code", null);
  }

  /** Where the leader calls a search off, or a member goes, only the state tells. */
  private noticeEnd(): void {
    const { phase } = this;
    const ended = phase === "idle" && this.phaseBefore !== "idle";
    this.phaseBefore = phase;
    if (!ended || this.found.phase === "none") return;
    this.said = "The party is out of the queue: somebody left, or the leader called it off.";
    this.found.drop();
  }
}
