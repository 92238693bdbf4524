import * as z from "zod";
import { nameText } from "../../schema/playerName.ts";
import { matchHistoryEntry, me, timestamp } from "../../schema/restAnswers.ts";
import { LIFETIME_SECONDS, type Tokens } from "../players/auth/Tokens.ts";
import { readPlayerMatches } from "../players/database/matches.ts";
import { addPlayerEvent } from "../players/database/playerEvents.ts";
import { deletePlayer, findPlayer, readIdentities, renamePlayer, revokeTokens } from "../players/database/players.ts";
import { readValues } from "../players/database/playerValues.ts";
import { readRatings } from "../players/database/ratings.ts";
import { IdentityError } from "../players/identity/IdentityError.ts";
import { parseName } from "../players/identity/names.ts";
import type { Session, Sessions } from "../players/identity/Sessions.ts";
import type { Rankings } from "../players/rankings/Rankings.ts";
import type { Names } from "./Names.ts";
import { gameSchema } from "./parameterSchemas.ts";
import { type PlayersOptions, readProfile, toMatchHistoryEntry } from "./players.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

interface MeOptions extends PlayersOptions {
  readonly tokens: Pick<Tokens, "sign">;
  readonly sessions: Sessions;
  readonly rankings: Rankings;
  readonly names: Names;
}

const exported = z
  .object({
    profile: me,
    identities: z.array(z.object({ provider: z.string(), createdAt: timestamp })),
    ratings: z.array(
      z.object({
        seasonId: z.int(),
        game: z.string(),
        mode: z.string(),
        rating: z.int(),
        games: z.int(),
        wins: z.int(),
        losses: z.int(),
        logPrecision: z.int().meta({ description: "Certainty of the rating in its stored form" }),
      }),
    ),
    matches: z.array(matchHistoryEntry),
    values: z
      .array(
        z.object({
          ...{ game: z.string(), key: z.string(), value: z.unknown(), version: z.int().min(1) },
          updatedAt: timestamp,
        }),
      )
      .meta({ description: "What games keep about you" }),
  })
  .meta({ id: "Export" });

const EXPORTED_MATCHES_MAX = 100_000;

export function meRoutes(options: MeOptions): RouteSpec[] {
  const { sql, tokens, sessions, rankings, names, games } = options;
  const query = z.strictObject({ game: gameSchema(games) });
  const common = { tag: "me", access: "player" } as const;

  async function readMe(session: Session, game = games[0].name): Promise<z.input<typeof me>> {
    const player = await findPlayer(sql, session.playerId);
    if (player === null || player.kind === "deleted") throw new Problem("TOKEN_REVOKED");
    return {
      ...(await readProfile(options, player, game)),
      bannedUntil: session.bannedUntil,
      banReason: session.banReason,
    };
  }

  return [
    route({
      ...common,
      method: "GET",
      path: "/api/v1/me",
      summary: "Get your own profile",
      limit: "read",
      query,
      responses: { 200: { description: "Your profile", schema: me } },
      handle: async ({ session, query }) => ({ status: 200, body: await readMe(session, query.game) }),
    }),
    route({
      ...common,
      method: "PATCH",
      path: "/api/v1/me",
      summary: "Change your name",
      limit: "write",
      body: z.strictObject({ name: nameText }),
      responses: { 200: { description: "Your profile", schema: me } },
      problems: ["BANNED", "NAME_REFUSED", "NAME_TAKEN"],
      async handle({ session, body }) {
        const name = parseName(body.name);
        const { playerId, kind, name: before } = session;
        await sql.transaction(async (tx) => {
          // After a refusal, the transaction cannot continue.
          if (!(await renamePlayer(tx, playerId, name, kind))) throw new IdentityError("NAME_TAKEN");
          if (name !== before) await addPlayerEvent(tx, { kind: "renamed", player: playerId });
        });
        sessions.forget(playerId);
        names.forget(playerId);
        return { status: 200, body: await readMe(session) };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: "/api/v1/me",
      summary: "Delete your name, credentials, identities, ranking entry, and what games keep about you",
      limit: "write",
      responses: { 204: { description: "Your data is deleted" } },
      async handle({ session }) {
        await sql.transaction((tx) => deletePlayer(tx, session.playerId));
        sessions.forget(session.playerId);
        names.forget(session.playerId);
        await rankings.refresh();
        return { status: 204 };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: "/api/v1/me/export",
      summary: "Export all data that is stored about you",
      limit: "export",
      responses: {
        200: { description: "Profile, ways to sign in, ratings, matches, what games keep", schema: exported },
      },
      async handle({ session }) {
        const { playerId } = session;
        const query = { game: null, mode: null, before: null, limit: EXPORTED_MATCHES_MAX };
        const [own, identities, ratings, matches, values] = await Promise.all([
          readMe(session),
          readIdentities(sql, playerId),
          readRatings(sql, playerId),
          readPlayerMatches(sql, playerId, query),
          readValues(sql, playerId),
        ]);
        const headers = { "content-disposition": 'attachment; filename="export.json"' };
        return {
          status: 200,
          headers,
          body: { profile: own, identities, ratings, values, matches: matches.map(toMatchHistoryEntry) },
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/api/v1/me/join-token",
      summary: "Get a token that is valid for one minute, and only for joining rooms",
      limit: "write",
      responses: {
        200: {
          description: "The token. All other routes refuse it",
          schema: z.object({ token: z.string(), expiresIn: z.int().meta({ description: "In seconds" }) }),
        },
      },
      problems: ["BANNED"],
      async handle({ session: { playerId, kind, version } }) {
        const token = await tokens.sign({ playerId, kind, version, use: "join" });
        return { status: 200, body: { token, expiresIn: LIFETIME_SECONDS.join } };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/api/v1/me/sessions/revoke",
      summary: "Sign out all devices",
      limit: "write",
      responses: { 204: { description: "All tokens issued so far are revoked" } },
      async handle({ session }) {
        await revokeTokens(sql, session.playerId);
        sessions.forget(session.playerId);
        return { status: 204 };
      },
    }),
  ];
}
