/** Owns who may enter queue and party rooms, and with which options. It reads what the client sent; it seats nobody. */
import { type AuthContext, type Client, ServerError } from "@colyseus/core";
import type * as z from "zod";
import { type Refusal, refusals } from "../schema/codes.ts";
import { type QueueRefusal, queueRefusals } from "../schema/queueCodes.ts";
import type { Game } from "../src/game/Game.ts";
import { compareVersions } from "./admission.ts";
import { Refused } from "./Refused.ts";
import type { Admission, Identity } from "./services.ts";

export class QueueRefused extends ServerError {
  readonly refusal: QueueRefusal;

  constructor(refusal: QueueRefusal, detail: string = queueRefusals[refusal].meaning) {
    super(queueRefusals[refusal].code, `${refusal}: ${detail}`);
    this.refusal = refusal;
  }
}

/** The door that a matchmaking request came through: `create`, `joinById`, … */
export function methodOf(context: AuthContext): string {
  return new URL(context.req.url, "http://localhost").pathname.split("/").at(-2) ?? "";
}

/** Throws `Refused` with what is wrong first. */
export function readOptions<T>(shape: z.ZodType<T>, raw: unknown): T {
  const parsed = shape.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new Refused("OPTIONS_INVALID", path.length > 0 ? `${path.join(".")}: ${message}` : message);
}

/** Throws `Refused` where the game has no such mode, role or rules. */
export function checkWish(game: Game, wish: { mode?: string; role?: number; rulesVersion?: string }): void {
  const { mode, role, rulesVersion } = wish;
  if (mode !== undefined && !Object.hasOwn(game.modes, mode)) {
    const names = Object.keys(game.modes).join(", ");
    throw new Refused("MODE_UNKNOWN", `${JSON.stringify(mode)} was asked for, there are ${names}`);
  }
  if (role !== undefined && role >= game.roles.length)
    throw new Refused("OPTIONS_INVALID", `role: ${role} was asked for, there are 0 to ${game.roles.length - 1}`);
  const difference = rulesVersion === undefined ? 0 : compareVersions(rulesVersion, game.rules.version);
  if (difference === 0) return;
  const detail = `the client plays rules ${rulesVersion}, this server ${game.rules.version}`;
  throw new Refused(difference < 0 ? "RULES_TOO_OLD" : "RULES_TOO_NEW", detail);
}

/** Throws `Refused` for a token that is missing, bad or banned. */
export async function identify(
  admission: Admission,
  token: string | undefined,
  mode: string,
  from: "outside" | "inside" = "outside",
): Promise<Identity> {
  try {
    return await admission.identify(token, mode, from);
  } catch (error) {
    const { refusal } = error as { refusal?: string };
    if (refusal !== undefined && Object.hasOwn(refusals, refusal)) throw new Refused(refusal as Refusal);
    throw error;
  }
}

/** Does what a message asks for, and says what is refused to whom it came from. */
export async function answer(client: Client, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = error as { code?: number; message: string };
    client.error(code ?? 0, message);
  }
}

/** Replaces the content of an object that the framework goes on with. */
export function replace(raw: Record<string, unknown>, by: Record<string, unknown>): void {
  for (const key of Object.keys(raw)) delete raw[key];
  for (const [key, value] of Object.entries(by)) if (value !== undefined) raw[key] = value;
}
