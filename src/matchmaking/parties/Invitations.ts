/** Owns how often one player may invite others to a party, whatever party it is. Counted in this process. */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Invitation, InvitationService } from "./Parties.ts";

export class Invitations implements InvitationService {
  readonly #ofOne = new RateLimiterMemory({ points: 10, duration: 60 });
  readonly #ofPair = new RateLimiterMemory({ points: 1, duration: 30 });
  readonly #notify: (to: string, invitation: Invitation) => void;

  constructor(notify: (to: string, invitation: Invitation) => void) {
    this.#notify = notify;
  }

  async send(to: string, invitation: Invitation): Promise<boolean> {
    const { from } = invitation;
    try {
      await this.#ofOne.consume(from);
      await this.#ofPair.consume(JSON.stringify([from, to]));
    } catch (error) {
      if (error instanceof RateLimiterRes) return false;
      throw error;
    }
    this.#notify(to, invitation);
    return true;
  }
}
