/**
 * `/matchmaking/tickets`: the ranked queue for clients without a socket. Player and rating come from the same admission that
 * rooms use, never from the request.
 */
import type { ServerResponse } from "node:http";
import * as z from "zod";
import { ticketAnswer, ticketRequest } from "../../schema/queueRequests.ts";
import type { GameTickets } from "../matchmaking/GameTickets.ts";
import { TicketProblem, WAIT_SECONDS_MAX } from "../matchmaking/Tickets.ts";
import type { Admission } from "../players/identity/Admission.ts";
import {
  describedOptions,
  gameSchema,
  type ListedGame,
  modeSchema,
  requireMode,
  wholeNumber,
} from "./parameterSchemas.ts";
import type { ProblemCode } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

export interface OpenTickets {
  readonly tickets: Pick<GameTickets, "create" | "read" | "cancel" | "remove">;
  readonly admission: Admission;
}

export interface TicketsOptions {
  /** The configured regions. */
  readonly regions: readonly string[];
  /** Null until the queue of this process is open. */
  readonly open: () => OpenTickets | null;
}

const PATH = "/api/v1/matchmaking/tickets";
const ticket = ticketAnswer.meta({ id: "Ticket" });
const ticketId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const stateResponse = { 200: { description: "The state of the ticket", schema: ticket } } as const;
const refusals: readonly ProblemCode[] = [
  ...([
    "ALREADY_QUEUED",
    "PARTY_UNKNOWN",
    "NOT_LEADER",
    "NOT_READY",
    "PARTY_TOO_BIG",
    "PARTY_ROLES",
    "PARTY_QUEUED",
    "QUEUE_COOLDOWN",
    "OPTIONS_INVALID",
  ] as const),
  ...(["BANNED", "SERVER_BUSY", "QUEUE_UNAVAILABLE"] as const),
];

export function ticketRoutes(
  games: readonly ListedGame[],
  { regions, open }: TicketsOptions,
  initialRating: number,
): RouteSpec[] {
  const requestBody = ticketRequest.extend({
    game: gameSchema(games),
    mode: modeSchema(games),
    // Documented here and checked by the queue, because an unknown region has a refusal of its own.
    region: ticketRequest.shape.region
      .unwrap()
      .meta({ enum: [...regions] })
      .optional(),
    // As the region.
    options: ticketRequest.shape.options.unwrap().meta(describedOptions(games)).optional(),
    role: z
      .int()
      .min(0)
      .max(Math.max(...games.map(({ roleCount }) => roleCount)) - 1)
      .optional(),
  });
  const waits = new TicketWaits();
  const common = { tag: "matchmaking", access: "player" } as const;

  function requireOpen(): OpenTickets {
    const parts = open();
    if (parts === null) throw new TicketProblem("QUEUE_UNAVAILABLE");
    return parts;
  }

  return [
    route({
      ...common,
      method: "POST",
      path: PATH,
      summary: "Enter the ranked queue, alone or as the leader of a party",
      limit: "write",
      body: requestBody,
      responses: {
        201: { description: "The ticket. It expires unless it is read at least once a minute.", schema: ticket },
      },
      problems: refusals,
      async handle({ body, token }) {
        requireMode(games, body, "body");
        const { tickets, admission } = requireOpen();
        const identity = await admission.identify(
          token!,
          { game: body.game, mode: body.mode },
          body.partyId === undefined ? "new" : "admitted",
        );
        const { playerId, kind, name, rating, games: played, deviation } = identity;
        const player = { playerId, kind, name, rating: rating ?? initialRating, games: played, deviation };
        const made = await orUnavailable(tickets.create(player, body));
        return { status: 201, headers: { location: `${PATH}/${made.ticketId}` }, body: made };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${PATH}/:ticketId`,
      summary: "Get the state of a ticket; with `wait`, wait until a match is found",
      limit: "read",
      params: z.object({ ticketId }),
      query: z.strictObject({
        wait: wholeNumber(0, WAIT_SECONDS_MAX).default(0).meta({
          description: "Seconds to wait while the ticket is queued. A later request of the same player ends the wait.",
        }),
      }),
      responses: stateResponse,
      problems: ["BANNED", "TICKET_UNKNOWN", "QUEUE_UNAVAILABLE"],
      async handle({ params, query, session: { playerId }, response }) {
        const { tickets } = requireOpen();
        const body = await waits.run(playerId, response, (signal) =>
          orUnavailable(tickets.read(playerId, params.ticketId, query.wait, signal)),
        );
        return { status: 200, body };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${PATH}/:ticketId`,
      summary: "Leave the queue; if a match was found but not joined yet, it is cancelled",
      limit: "write",
      params: z.object({ ticketId }),
      responses: stateResponse,
      problems: ["TICKET_UNKNOWN", "QUEUE_UNAVAILABLE"],
      async handle({ params, session }) {
        return {
          status: 200,
          body: await orUnavailable(requireOpen().tickets.cancel(session.playerId, params.ticketId)),
        };
      },
    }),
  ];
}

/** Allows one waiting request per player, because each one polls the pool. A later request ends the previous one. */
class TicketWaits {
  readonly #byPlayer = new Map<string, AbortController>();

  async run<T>(playerId: string, response: ServerResponse, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#byPlayer.get(playerId)?.abort();
    const waiting = new AbortController();
    const clientGone = (): void => waiting.abort();
    this.#byPlayer.set(playerId, waiting);
    response.once("close", clientGone);
    try {
      return await work(waiting.signal);
    } finally {
      response.off("close", clientGone);
      if (this.#byPlayer.get(playerId) === waiting) this.#byPlayer.delete(playerId);
    }
  }
}

const REDIS_ERRORS = ["MaxRetriesPerRequestError", "ReplyError"];

/** Throws `QUEUE_UNAVAILABLE` if the queue's Redis is unavailable. */
async function orUnavailable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const { name, message } = error as Error;
    if (REDIS_ERRORS.includes(name) || message === "Connection is closed.")
      throw new TicketProblem("QUEUE_UNAVAILABLE");
    throw error;
  }
}
