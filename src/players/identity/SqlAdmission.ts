/**
 * The admission of rooms, the queue and tickets. It reads from the database which player a token belongs to, and the player's
 * rating.
 */
import { isUnavailable } from "../../platform/sql/DatabaseUnavailable.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { currentRating, readRatings } from "../database/ratings.ts";
import type { Seasons } from "../database/seasons.ts";
import type { Ladder } from "../rating/Ladder.ts";
import type { AlgorithmOf } from "../rating/Rating.ts";
import type { Admission, Identity, KnownPlayer } from "./Admission.ts";
import type { Session, Sessions } from "./Sessions.ts";
import { refuseBanned } from "./SignIn.ts";

export class SqlAdmission implements Admission {
  readonly #sql: Sql;
  readonly #sessions: Sessions;
  readonly #seasons: Seasons;
  readonly #algorithmOf: AlgorithmOf;

  constructor(sql: Sql, sessions: Sessions, seasons: Seasons, algorithmOf: AlgorithmOf) {
    this.#sql = sql;
    this.#sessions = sessions;
    this.#seasons = seasons;
    this.#algorithmOf = algorithmOf;
  }

  async identify(token: string | undefined, ladder: Ladder): Promise<Identity> {
    return this.#identityOf(await this.#sessions.authenticate(token, "join"), ladder);
  }

  async identifyAgain(player: KnownPlayer, ladder: Ladder): Promise<Identity> {
    return this.#identityOf(await this.#sessions.renew(player), ladder);
  }

  async #identityOf(session: Session, ladder: Ladder): Promise<Identity> {
    const { playerId, kind, version, name } = refuseBanned(session);
    const rating = session.stored ? await this.#ratingOf(playerId, ladder) : null;
    const known = {
      rating: rating?.rating ?? null,
      games: rating?.games ?? null,
      deviation: rating?.deviation ?? null,
    };
    return { playerId, kind, version, name, ...known };
  }

  async #ratingOf(playerId: string, ladder: Ladder) {
    try {
      const [rows, season] = await Promise.all([readRatings(this.#sql, playerId), this.#seasons.current()]);
      const algorithm = this.#algorithmOf(ladder);
      const current = currentRating(rows, ladder, season);
      return { ...current, deviation: algorithm.deviation(current) };
    } catch (error) {
      if (isUnavailable(error)) return null;
      throw error;
    }
  }
}
