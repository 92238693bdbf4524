/**
 * Owns the course before a ranked match: the queue, the party, coming back to them, and which of their screens is in view.
 * What is played, and the menu, are the page's.
 */
import type { Room } from "@colyseus/sdk";
import type { Choice } from "../choice.ts";
import { hideNotice, showNotice } from "../menu/notice.ts";
import type { Connection } from "../net/connection.ts";
import { isGoneRoom } from "../net/messages.ts";
import { describeProblem } from "../net/problems.ts";
import { keepNote, loadNote } from "../net/storage.ts";
import { Party } from "./Party.ts";
import { showParty } from "./partyScreen.ts";
import { Queueing } from "./Queueing.ts";
import { showQueue } from "./queueScreen.ts";
import type { StayEvents } from "./stay.ts";
import type { LobbyView } from "./view.ts";

const NO_PARTY = "There is no party with this code, or it is full.";
const UPDATE_EVERY_MS = 200;
/** Where a server has died, others make its parties again within 5 s. */
const RETURN_ATTEMPTS = 8;
const RETURN_EVERY_MS = 1000;

export interface LobbyParts {
  readonly screen: HTMLElement;
  readonly connection: Connection;
  /** Read anew with each entry. */
  readonly choice: Choice;
  phase(phase: string): void;
  play(match: Room): void;
  /** Whether a match is on: then the screen is not the lobby's. */
  isPlaying(): boolean;
  /** Whether the page plays in that match. */
  plays(roomId: string): boolean;
  /** There is neither queue nor party any more: shows the menu, unless a match is on. `why`: empty for no word on it. */
  ended(why: string): void;
  /** A way in was refused; why, in words. */
  refused(why: string, error: unknown): void;
}

export class Lobby {
  private readonly parts: LobbyParts;
  private queueing: Queueing | null = null;
  private party: Party | null = null;
  private view: LobbyView | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(parts: LobbyParts) {
    this.parts = parts;
  }

  get isOpen(): boolean {
    return this.queueing !== null || this.party !== null;
  }

  get inParty(): boolean {
    return this.party !== null;
  }

  /** Waits in the queue for what was chosen. */
  async enterQueue(said = ""): Promise<void> {
    const { connection, choice } = this.parts;
    const room = await this.entering("Entering the queue …", () => connection.queue(choice));
    if (room === null) return;
    this.wait(room, false).said = said;
    this.show();
  }

  async createParty(): Promise<void> {
    const { connection, choice } = this.parts;
    const room = await this.entering("Making a party …", () => connection.createParty(choice));
    if (room === null) return;
    this.gather(room);
    this.show();
  }

  async joinParty(code: string): Promise<void> {
    const { connection, choice } = this.parts;
    const room = await this.entering(
      "Joining the party …",
      () => connection.joinParty(code, choice),
      (error) => (isGoneRoom(error) ? NO_PARTY : describeProblem(error)),
    );
    if (room === null) return;
    this.gather(room);
    this.show();
  }

  /** Leaves queue and party for another party. */
  async switchTo(code: string): Promise<void> {
    this.queueing?.leave();
    this.party?.leave();
    this.queueing = null;
    this.party = null;
    this.hide();
    await this.joinParty(code);
  }

  /** Takes up the wait that a reload has interrupted; shows nothing yet. */
  resumeQueue(room: Room | null): void {
    if (room !== null) this.wait(room, true);
  }

  /** The same for the party; where the connection is forgotten, by its code. */
  async resumeParty(room: Room | null): Promise<void> {
    const { connection, choice } = this.parts;
    const code = loadNote("party-code");
    if (room === null && code !== null) {
      room = await connection.joinParty(code, choice).catch(() => null);
      if (room === null) keepNote("party-code", null);
    }
    if (room !== null) this.gather(room);
  }

  /** Shows queue or party, unless a match is on; false where there is neither. */
  show(): boolean {
    const { screen, isPlaying } = this.parts;
    this.hide();
    if (isPlaying()) return this.isOpen;
    if (this.queueing !== null) this.view = showQueue(screen, this.queueing, () => this.leaveQueue());
    else if (this.party !== null) this.view = showParty(screen, this.party, this.parts.choice, () => this.leaveParty());
    else return false;
    screen.scrollTop = 0;
    this.update();
    this.timer = setInterval(() => this.update(), UPDATE_EVERY_MS);
    return true;
  }

  /** Something else takes the screen; queue and party go on. */
  hide(): void {
    clearInterval(this.timer);
    this.view = null;
  }

  private update(): void {
    if (this.view === null) return;
    this.view.update();
    this.parts.phase(this.view.phase());
  }

  private wait(room: Room, resumed: boolean): Queueing {
    const queueing = new Queueing(room as Room<any, any>, this.parts.choice, resumed, {
      ...this.events(),
      ended: (why) => this.over("queue", why),
      lost: () => void this.queueAgain(),
    });
    this.queueing = queueing;
    return queueing;
  }

  private gather(room: Room): void {
    this.party = new Party(room as Room<any, any>, {
      ...this.events(),
      ended: (why) => this.over("party", why),
      lost: () => void this.returnToParty(),
    });
  }

  private events(): Omit<StayEvents, "ended" | "lost"> {
    const { connection, plays } = this.parts;
    return {
      plays,
      sit: (seat) => connection.sit(seat),
      changed: () => this.update(),
      play: (match) => this.begin(match),
      failed: (error) => showNotice(describeProblem(error)),
    };
  }

  private begin(match: Room): void {
    this.queueing = null;
    this.hide();
    hideNotice();
    this.parts.play(match);
  }

  private leaveQueue(): void {
    this.queueing?.leave();
    this.over("queue", "");
  }

  private leaveParty(): void {
    this.party?.leave();
    this.over("party", "");
  }

  private over(which: "queue" | "party", why: string): void {
    if (which === "queue") this.queueing = null;
    else this.party = null;
    this.hide();
    this.parts.ended(why);
  }

  /** The server of the queue is gone: the wait begins anew with another. */
  private async queueAgain(): Promise<void> {
    this.queueing = null;
    this.hide();
    await this.enterQueue("The connection was lost for a while. You have entered the queue anew.");
  }

  /** The server of the party is gone: another makes it again under its code. */
  private async returnToParty(): Promise<void> {
    const { connection, choice } = this.parts;
    const code = loadNote("party-code");
    this.party = null;
    this.hide();
    if (!this.parts.isPlaying()) showNotice("The connection was lost. Returning to your party …", true);
    for (let attempt = 0; code !== null && attempt < RETURN_ATTEMPTS; attempt++) {
      try {
        this.gather(await connection.joinParty(code, choice));
        if (!this.parts.isPlaying()) hideNotice();
        this.show();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETURN_EVERY_MS));
      }
    }
    this.parts.ended("The connection to your party was lost and could not be restored.");
  }

  private async entering(
    word: string,
    enter: () => Promise<Room>,
    describe: (error: unknown) => string = describeProblem,
  ): Promise<Room | null> {
    const { screen, phase, refused } = this.parts;
    phase("joining");
    screen.inert = true;
    showNotice(word, true);
    try {
      const room = await enter().finally(() => {
        screen.inert = false;
      });
      hideNotice();
      return room;
    } catch (error) {
      refused(describe(error), error);
      return null;
    }
  }
}
