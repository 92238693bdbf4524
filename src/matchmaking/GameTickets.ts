/**
 * The tickets of all games of the installation. The id of a ticket does not say its game, so the games are asked one after the other. A
 * player may have a ticket for each game.
 */
import type { TicketAnswer, TicketRequest } from "../../schema/queueRequests.ts";
import type { TicketPlayer, Tickets } from "./Tickets.ts";

interface TicketsOfGame {
  readonly game: string;
  readonly tickets: Tickets;
}

export class GameTickets {
  readonly #games: readonly TicketsOfGame[];

  /** The first of `games` is that of requests that name none. */
  constructor(games: readonly TicketsOfGame[]) {
    this.#games = games;
  }

  /** As `Tickets.create`. `request.game` must be one of the games. */
  create(player: TicketPlayer, request: TicketRequest): Promise<TicketAnswer> {
    const { game = this.#games[0].game } = request;
    return this.#games.find((one) => one.game === game)!.tickets.create(player, request);
  }

  /** As `Tickets.read`. */
  async read(playerId: string, ticketId: string, waitSeconds?: number, signal?: AbortSignal): Promise<TicketAnswer> {
    return (await this.#of(playerId, ticketId)).read(playerId, ticketId, waitSeconds, signal);
  }

  /** As `Tickets.cancel`. */
  async cancel(playerId: string, ticketId: string): Promise<TicketAnswer> {
    return (await this.#of(playerId, ticketId)).cancel(playerId, ticketId);
  }

  /** As `Tickets.remove`, for the tickets of all games. */
  async remove(playerId: string): Promise<number> {
    const removed = await Promise.all(this.#games.map(({ tickets }) => tickets.remove(playerId)));
    return removed.reduce((sum, count) => sum + count, 0);
  }

  /** The tickets of the game to which this ticket belongs; those of the last game if no game knows it. */
  async #of(playerId: string, ticketId: string): Promise<Tickets> {
    const last = this.#games.at(-1)!.tickets;
    for (const { tickets } of this.#games)
      if (tickets !== last && (await tickets.holds(playerId, ticketId))) return tickets;
    return last;
  }
}
