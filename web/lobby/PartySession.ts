/** One stay in a party: its members, its wait in the queue, and the actions of the player. It draws nothing. */
import type { Room } from "@colyseus/sdk";
import type { PartyMember, PartyState } from "../../schema/partyState.ts";
import type { SeatReservation, Strategy } from "../../schema/queueRequests.ts";
import { leaveRoom } from "../net/connection.ts";
import { describeClose, isConnectionLoss } from "../net/messages.ts";
import { storeNote, storeReconnectionToken } from "../net/storage.ts";
import { texts } from "../texts.ts";
import { FoundMatch } from "./FoundMatch.ts";
import type { SessionEvents, Waiting } from "./sessionEvents.ts";

const QUEUE_ENDED: Readonly<Record<string, (names: string) => string>> = texts.party.queueEnded;

/** A search is not repeated if its match broke up longer ago than this. The party keeps its place in the queue for 60 s. */
const QUEUE_AGAIN_MS = 45_000;

interface Search {
  readonly mode: string;
  readonly strategy: Strategy;
}

export class PartySession {
  readonly found: FoundMatch;
  /** What has just happened, as a text for the player; empty for nothing. */
  message = "";
  private readonly room: Room<any, PartyState>;
  private phaseBefore = "idle";
  private isOver = false;
  /** The most recent search that this page started. */
  private search: Search | null = null;
  /** The search is repeated until this time, in ms of `performance.now()`; 0: it is not repeated. */
  private queueAgainUntil = 0;

  constructor(room: Room<any, PartyState>, events: SessionEvents) {
    this.room = room;
    storeNote("party-code", room.roomId);
    this.found = new FoundMatch({
      takeSeat: events.takeSeat,
      confirm: () => room.send("confirm"),
      onChange: events.onChange,
      onError: events.onError,
    });
    const show = (text: string): void => {
      this.message = text;
      events.onChange();
    };
    room.onMessage("seat", (seat: SeatReservation) => {
      if (events.isInMatch(seat.roomId)) return;
      this.message = "";
      this.found.offer(seat);
    });
    room.onMessage("returned", () => {
      this.found.drop();
      show(texts.party.returned);
    });
    room.onMessage("queueEnded", ({ how, missing }: { how: string; missing: readonly string[] }) => {
      const match = how === "confirmed" ? this.found.takeMatch() : null;
      if (match !== null) events.onMatch(match);
      else this.found.drop();
      const names = this.members.filter(({ playerId }) => missing.includes(playerId)).map(({ name }) => name);
      show(QUEUE_ENDED[how]?.(names.join(", ")) ?? "");
    });
    room.onStateChange(() => {
      this.updateSearchEnd();
      this.repeatSearch();
      events.onChange();
    });
    room.onError((code, message) => {
      this.message = "";
      events.onError({ code, message });
    });
    room.onDrop(() => show(texts.party.reconnecting));
    room.onReconnect(() => show(""));
    room.onLeave((code, reason) => {
      if (this.isOver) return;
      this.isOver = true;
      this.found.drop();
      storeReconnectionToken("party", null);
      if (isConnectionLoss(code)) events.onConnectionLost();
      else {
        storeNote("party-code", null);
        events.onEnd(describeClose(code, reason ?? ""));
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

  /** In the order of joining. */
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

  /** Members for whom the party waits. The leader never has to be ready. */
  get unready(): readonly PartyMember[] {
    return this.members.filter((member) => !member.connected || !(member.ready || this.isLeader(member)));
  }

  setReady(ready: boolean): void {
    this.message = "";
    this.queueAgainUntil = 0;
    this.room.send("ready", ready);
  }

  /** Starts the search. The leader counts as ready. */
  queue(mode: string, strategy: Strategy): void {
    this.message = "";
    this.startSearch({ mode, strategy });
  }

  /**
   * Call it when the match of the party broke up because another player left. This member becomes ready again. Once all members
   * are ready, the page that started the search repeats it.
   */
  queueAgain(why: string): void {
    this.message = why;
    this.queueAgainUntil = performance.now() + QUEUE_AGAIN_MS;
    this.room.send("ready", true);
    this.repeatSearch();
  }

  invite(playerId: string): void {
    this.message = texts.party.invited;
    this.room.send("invite", { playerId });
  }

  cancel(): void {
    this.room.send("cancel");
  }

  kick(playerId: string): void {
    this.room.send("kick", { playerId });
  }

  makeLeader(playerId: string): void {
    this.room.send("leader", { playerId });
  }

  leave(): void {
    this.isOver = true;
    this.found.drop();
    leaveRoom("party", this.room);
    storeNote("party-code", null);
  }

  private repeatSearch(): void {
    if (this.search === null || performance.now() > this.queueAgainUntil) return;
    if (this.phase !== "idle" || this.unready.length > 0 || !this.isLeader(this.own)) return;
    this.startSearch(this.search);
  }

  private startSearch(search: Search): void {
    this.queueAgainUntil = 0;
    this.search = search;
    this.room.send("ready", true);
    this.room.send("queue", search);
  }

  /** The search may end without a message, for example because the party moves to another process. */
  private updateSearchEnd(): void {
    const { phase } = this;
    const ended = phase === "idle" && this.phaseBefore !== "idle";
    this.phaseBefore = phase;
    if (!ended || this.found.phase === "none") return;
    this.message = texts.party.searchEnded;
    this.found.drop();
  }
}
