/**
 * Queue and party: joining them, returning to them, and showing their screens. Matches and the menu belong to `main.ts`.
 */
import type { Room } from "@colyseus/sdk";
import type { Choice } from "../choice.ts";
import { hideNotice, showNotice } from "../menu/notice.ts";
import type { Connection } from "../net/connection.ts";
import { isRoomGone } from "../net/messages.ts";
import { describeProblem } from "../net/problems.ts";
import { loadNote, storeNote } from "../net/storage.ts";
import { texts } from "../texts.ts";
import { PartySession } from "./PartySession.ts";
import { showParty } from "./partyScreen.ts";
import { QueueSession } from "./QueueSession.ts";
import { showQueue } from "./queueScreen.ts";
import type { SessionEvents } from "./sessionEvents.ts";
import type { LobbyView } from "./view.ts";

const UPDATE_EVERY_MS = 200;
/** After a server has died, other servers recreate its parties within 5 s. */
const REJOIN_ATTEMPTS = 8;
const REJOIN_EVERY_MS = 1000;

export interface LobbyDeps {
  readonly screen: HTMLElement;
  readonly connection: Connection;
  /** Read again for each join. */
  readonly choice: Choice;
  setPhase(phase: string): void;
  play(match: Room): void;
  /** Whether the page shows a match. The lobby then does not use the screen. */
  isPlaying(): boolean;
  /** Whether the page is in that match. */
  isInMatch(roomId: string): boolean;
  /** The player left the queue or party. `why` is a text for the player; empty for none. */
  onEnd(why: string): void;
  /** Joining failed. `why` is a text for the player. */
  onRefusal(why: string, error: unknown): void;
}

export class Lobby {
  private readonly deps: LobbyDeps;
  private queueSession: QueueSession | null = null;
  private party: PartySession | null = null;
  private view: LobbyView | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(deps: LobbyDeps) {
    this.deps = deps;
  }

  get isOpen(): boolean {
    return this.queueSession !== null || this.party !== null;
  }

  get inParty(): boolean {
    return this.party !== null;
  }

  async joinQueue(message = ""): Promise<void> {
    const { connection, choice } = this.deps;
    const room = await this.joinRoom(texts.queue.joining, () => connection.queue(choice));
    if (room === null) return;
    this.startQueue(room, false).message = message;
    this.show();
  }

  /** Call it when a match of the queue broke up: the player or the party searches again. `why` is a text for the player. */
  async queueAgain(why: string): Promise<void> {
    if (this.party === null) return this.joinQueue(why);
    this.party.queueAgain(why);
    this.show();
  }

  async createParty(): Promise<void> {
    const { connection, choice } = this.deps;
    const room = await this.joinRoom(texts.party.creating, () => connection.createParty(choice));
    if (room === null) return;
    this.startParty(room);
    this.show();
  }

  async joinParty(code: string): Promise<void> {
    const { connection, choice } = this.deps;
    const room = await this.joinRoom(
      texts.party.joining,
      () => connection.joinParty(code, choice),
      (error) => (isRoomGone(error) ? texts.party.notFound : describeProblem(error)),
    );
    if (room === null) return;
    this.startParty(room);
    this.show();
  }

  /** Leaves queue and party, and joins another party. */
  async switchTo(code: string): Promise<void> {
    this.queueSession?.leave();
    this.party?.leave();
    this.queueSession = null;
    this.party = null;
    this.hide();
    await this.joinParty(code);
  }

  /** Continues the wait after a reload. Does not show it yet. */
  resumeQueue(room: Room | null): void {
    if (room !== null) this.startQueue(room, true);
  }

  /** Returns to the party after a reload. If the server no longer knows the connection, joins the party again by its code. */
  async resumeParty(room: Room | null): Promise<void> {
    const { connection, choice } = this.deps;
    const code = loadNote("party-code");
    if (room === null && code !== null) {
      room = await connection.joinParty(code, choice).catch(() => null);
      if (room === null) storeNote("party-code", null);
    }
    if (room !== null) this.startParty(room);
  }

  /** Shows queue or party, unless the page shows a match. Returns false if there is neither. */
  show(): boolean {
    const { screen, isPlaying } = this.deps;
    this.hide();
    if (isPlaying()) return this.isOpen;
    if (this.queueSession !== null) this.view = showQueue(screen, this.queueSession, () => this.leaveQueue());
    else if (this.party !== null) this.view = showParty(screen, this.party, this.deps.choice, () => this.leaveParty());
    else return false;
    this.update();
    this.timer = setInterval(() => this.update(), UPDATE_EVERY_MS);
    return true;
  }

  /** Releases the screen. Queue and party continue. */
  hide(): void {
    clearInterval(this.timer);
    this.view = null;
  }

  private update(): void {
    if (this.view === null) return;
    this.view.update();
    this.deps.setPhase(this.view.phase());
  }

  private startQueue(room: Room, isResumed: boolean): QueueSession {
    const queueSession = new QueueSession(room as Room<any, any>, this.deps.choice, isResumed, {
      ...this.events(),
      onEnd: (why) => this.end("queue", why),
      onConnectionLost: () => void this.rejoinQueue(),
    });
    this.queueSession = queueSession;
    return queueSession;
  }

  private startParty(room: Room): void {
    this.party = new PartySession(room as Room<any, any>, {
      ...this.events(),
      onEnd: (why) => this.end("party", why),
      onConnectionLost: () => void this.rejoinParty(),
    });
  }

  private events(): Omit<SessionEvents, "onEnd" | "onConnectionLost"> {
    const { connection, isInMatch } = this.deps;
    return {
      isInMatch,
      takeSeat: (seat) => connection.takeSeat(seat),
      onChange: () => this.update(),
      onMatch: (match) => this.startMatch(match),
      onError: (error) => showNotice(describeProblem(error)),
    };
  }

  private startMatch(match: Room): void {
    this.queueSession = null;
    this.hide();
    hideNotice();
    this.deps.play(match);
  }

  private leaveQueue(): void {
    this.queueSession?.leave();
    this.end("queue", "");
  }

  private leaveParty(): void {
    this.party?.leave();
    this.end("party", "");
  }

  private end(which: "queue" | "party", why: string): void {
    if (which === "queue") this.queueSession = null;
    else this.party = null;
    this.hide();
    this.deps.onEnd(why);
  }

  /** Joins the queue again on another server, because the server of the queue has failed. */
  private async rejoinQueue(): Promise<void> {
    this.queueSession = null;
    this.hide();
    await this.joinQueue(texts.queue.rejoined);
  }

  /** Joins the party again by its code: another server recreates it, because the server of the party has failed. */
  private async rejoinParty(): Promise<void> {
    const { connection, choice } = this.deps;
    const code = loadNote("party-code");
    this.party = null;
    this.hide();
    if (!this.deps.isPlaying()) showNotice(texts.party.rejoining, true);
    for (let attempt = 0; code !== null && attempt < REJOIN_ATTEMPTS; attempt++) {
      try {
        this.startParty(await connection.joinParty(code, choice));
        if (!this.deps.isPlaying()) hideNotice();
        this.show();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, REJOIN_EVERY_MS));
      }
    }
    this.deps.onEnd(texts.party.rejoinFailed);
  }

  private async joinRoom(
    progress: string,
    join: () => Promise<Room>,
    describe: (error: unknown) => string = describeProblem,
  ): Promise<Room | null> {
    const { screen, setPhase, onRefusal } = this.deps;
    setPhase("joining");
    screen.inert = true;
    showNotice(progress, true);
    try {
      const room = await join().finally(() => {
        screen.inert = false;
      });
      hideNotice();
      return room;
    } catch (error) {
      onRefusal(describe(error), error);
      return null;
    }
  }
}
