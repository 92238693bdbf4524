/** Records matches instead of creating rooms, for tests without Colyseus. */
import type { MatchHost, MatchPlan } from "../../src/matchmaking/MatchHost.ts";
import type { FoundMatch } from "../../src/matchmaking/waitingPool/Pool.ts";

export const noLog = { info() {}, warn() {} };

export class FakeMatchHost implements MatchHost {
  readonly opened: { readonly plan: MatchPlan; readonly match: FoundMatch }[] = [];
  readonly closed: FoundMatch[] = [];
  readonly processId: string;
  /** `open` waits for this promise. */
  opening: Promise<void> = Promise.resolve();
  isFailing = false;

  constructor(processId = "P1") {
    this.processId = processId;
  }

  async open(plan: MatchPlan): Promise<FoundMatch> {
    await this.opening;
    if (this.isFailing) throw new Error("no process has room");
    const roomId = `room-${this.processId}-${this.opened.length}`;
    const players = plan.teams.flat().flatMap((entry) => entry.players);
    const seat = (id: string) => ({ name: "arena", sessionId: `session-${id}`, roomId, processId: this.processId });
    const seats = Object.fromEntries(players.map(({ playerId }) => [playerId, seat(playerId)]));
    const match = { matchId: `match-${roomId}`, roomId, processId: this.processId, seats };
    this.opened.push({ plan, match });
    return match;
  }

  async close(match: FoundMatch): Promise<void> {
    this.closed.push(match);
  }
}
