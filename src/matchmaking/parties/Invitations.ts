/** Sends invitations to parties and limits their number per player, over all parties. The count is kept in this process. */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Invitation, InvitationService } from "./Parties.ts";

export class Invitations implements InvitationService {
  readonly #bySender = new RateLimiterMemory({ points: 10, duration: 60 });
  readonly #byPair = new RateLimiterMemory({ points: 1, duration: 30 });
  readonly #notify: (to: string, invitation: Invitation) => void;

  constructor(notify: (to: string, invitation: Invitation) => void) {
    this.#notify = notify;
  }

  async send(to: string, invitation: Invitation): Promise<boolean> {
    const { from } = invitation;
    try {
      await this.#bySender.consume(from);
      await this.#byPair.consume(JSON.stringify([from, to]));
    } catch (error) {
      if (error instanceof RateLimiterRes) return false;
      throw error;
    }
    this.#notify(to, invitation);
    return true;
  }
}
