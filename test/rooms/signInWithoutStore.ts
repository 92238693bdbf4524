/** Sign-in without a store: gives a token to every client. A client with a valid token keeps its player id. */
import { randomUUID } from "node:crypto";
import { createEndpoint } from "@colyseus/core";
import * as z from "zod";
import { TokenError, type TokenSubject, type Tokens } from "../../src/players/auth/Tokens.ts";

const bearer = (header: string | null): string | undefined => /^Bearer (.+)$/i.exec(header ?? "")?.[1];

const userOf = ({ playerId, kind }: TokenSubject) => ({ id: playerId, anonymous: kind === "anonymous" });

export function signInWithoutStore(tokens: Tokens) {
  return {
    "auth-anonymous": createEndpoint(
      "/auth/anonymous",
      { method: "POST", body: z.object({ options: z.unknown().optional() }).optional() },
      async (ctx) => {
        const known = await tokens.verify(bearer(ctx.getHeader("authorization"))).catch(() => null);
        const subject: TokenSubject = known ?? { playerId: randomUUID(), kind: "anonymous" };
        return { user: userOf(subject), token: await tokens.sign(subject) };
      },
    ),
    "auth-userdata": createEndpoint("/auth/userdata", { method: "GET" }, async (ctx) => {
      try {
        return { user: userOf(await tokens.verify(bearer(ctx.getHeader("authorization")))) };
      } catch (error) {
        if (error instanceof TokenError) throw ctx.error("UNAUTHORIZED", { error: error.refusal });
        throw error;
      }
    }),
  };
}
