/** `/auth`: the routes that `client.auth` of the Colyseus SDK calls, in its format. No response may contain an e-mail address. */
import * as z from "zod";
import { nameText } from "../../schema/playerName.ts";
import { user } from "../../schema/restAnswers.ts";
import { emailAddress, foldEmail, password } from "../players/identity/emailAndPassword.ts";
import { IdentityError } from "../players/identity/IdentityError.ts";
import { parseName } from "../players/identity/names.ts";
import type { PasswordReset } from "../players/identity/PasswordReset.ts";
import type { Sessions } from "../players/identity/Sessions.ts";
import { refuseBanned, type SignIn } from "../players/identity/SignIn.ts";
import type { Limits } from "./limits.ts";
import { type RouteSpec, route } from "./Route.ts";

interface SignInRoutesOptions {
  readonly signIn: SignIn;
  readonly reset: PasswordReset;
  readonly sessions: Sessions;
  readonly limits: Limits;
}

const signedIn = z.object({ user, token: z.string() }).meta({ id: "SignedIn" });
const ok = { 200: { description: "Signed in", schema: signedIn } } as const;

/** Failures that show whether a guessed password, e-mail address or reset token was right. */
const isGuess = (error: unknown): boolean =>
  error instanceof IdentityError && ["CREDENTIALS_WRONG", "EMAIL_TAKEN", "RESET_INVALID"].includes(error.refusal);

export function signInRoutes({ signIn, reset, sessions, limits }: SignInRoutesOptions): RouteSpec[] {
  const common = { tag: "auth", limit: "signIn" } as const;
  return [
    route({
      ...common,
      method: "POST",
      path: "/auth/anonymous",
      summary:
        "Sign in without an account, or renew the token of a guest; the token of an account is returned as it is",
      access: "optional",
      body: z.object({ options: z.unknown().optional() }).optional(),
      responses: ok,
      problems: ["BANNED", "TOKEN_JOIN_ONLY"],
      handle: async ({ token }) => ({ status: 200, body: await signIn.anonymously(token) }),
    }),
    route({
      ...common,
      method: "POST",
      path: "/auth/register",
      summary: "Create an account; with the token of an anonymous player, turn that player into the account",
      access: "optional",
      body: z.object({
        email: emailAddress,
        password,
        options: z.object({ name: nameText.optional() }).nullish(),
      }),
      responses: ok,
      problems: ["BANNED", "EMAIL_TAKEN", "NAME_REFUSED", "NAME_TAKEN", "TOKEN_JOIN_ONLY", "TOKEN_REVOKED"],
      async handle({ body, token, address }) {
        const requested = body.options?.name;
        const name = requested === undefined ? null : parseName(requested);
        const register = () => signIn.register(body.email, body.password, name, token);
        return { status: 200, body: await limits.countFailures(address, isGuess, register) };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/auth/login",
      summary: "Sign in with e-mail address and password",
      access: "anyone",
      body: z.object({ email: z.string().max(254), password: z.string().max(256) }),
      responses: ok,
      problems: ["CREDENTIALS_WRONG", "BANNED"],
      async handle({ body, address }) {
        await limits.takePasswordAttempt(foldEmail(body.email), address);
        const logIn = () => signIn.byPassword(body.email, body.password);
        return { status: 200, body: await limits.countFailures(address, isGuess, logIn) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: "/auth/userdata",
      summary: "Get the player of the token",
      access: "player",
      responses: { 200: { description: "The player", schema: z.object({ user }) } },
      problems: ["BANNED"],
      async handle({ token }) {
        const { playerId, name, kind } = refuseBanned(await sessions.authenticate(token));
        return { status: 200, body: { user: { id: playerId, name, anonymous: kind === "anonymous" } } };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/auth/forgot-password",
      summary:
        "Request a password reset: if the address has an account, it receives a link that is valid for 30 minutes",
      access: "anyone",
      body: z.object({ email: emailAddress }),
      responses: { 200: { description: "The same for every address", schema: z.object({ sent: z.boolean() }) } },
      problems: ["MAIL_NOT_CONFIGURED"],
      async handle({ body }) {
        reset.requireMail();
        await limits.takeReset(foldEmail(body.email));
        await reset.request(body.email);
        return { status: 200, body: { sent: true } };
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/auth/reset-password",
      summary: "Set a new password with the token from the link (valid once), and sign out all devices",
      access: "anyone",
      body: z.object({ token: z.string().max(128), password }),
      responses: { 204: { description: "The password was changed" } },
      problems: ["RESET_INVALID"],
      async handle({ body, address }) {
        await limits.countFailures(address, isGuess, () => reset.redeem(body.token, body.password));
        return { status: 204 };
      },
    }),
  ];
}
