/** Sign-in without a store: gives a token to every client. A client with a valid token keeps its player id. */
import { randomUUID } from "node:crypto";
import { bearerOf } from "../../src/api/bearerOf.ts";
import { readBody } from "../../src/api/readBody.ts";
import { sendProblem } from "../../src/api/sendProblem.ts";
import { toProblem } from "../../src/api/toProblem.ts";
import type { HttpHandler } from "../../src/main/api/HttpServer.ts";
import type { TokenSubject, Tokens } from "../../src/players/auth/Tokens.ts";

const userOf = ({ playerId, kind }: TokenSubject) => ({ id: playerId, anonymous: kind === "anonymous" });

export function signInWithoutStore(tokens: Tokens): HttpHandler {
  const routes: Readonly<Record<string, (token: string | undefined) => Promise<object>>> = {
    "POST /auth/anonymous": async (token) => {
      const known = await tokens.verify(token).catch(() => null);
      const subject: TokenSubject = known ?? { playerId: randomUUID(), kind: "anonymous" };
      return { user: userOf(subject), token: await tokens.sign(subject) };
    },
    "GET /auth/userdata": async (token) => ({ user: userOf(await tokens.verify(token)) }),
  };
  const routeOf = ({ method, url }: { method?: string; url?: string }) => routes[`${method} ${url!.split("?", 1)[0]}`];
  return {
    matches: (request) => routeOf(request) !== undefined,
    async handle(request, response) {
      try {
        await readBody(request);
        const body = await routeOf(request)(bearerOf(request) ?? undefined);
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
      } catch (error) {
        sendProblem(toProblem(error), request, response);
      }
    },
  };
}
