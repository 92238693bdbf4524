/**
 * The declaration of a route: its path, inputs and responses, who may call it, and how often. The checks, the types of the
 * handler and the OpenAPI document are derived from it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import type { Session } from "../players/identity/Sessions.ts";
import type { LimitName } from "./limits.ts";
import type { Operator, OperatorRole } from "./operators/Operator.ts";
import type { ProblemCode } from "./problems.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `player` requires a bearer token. `optional` passes on a bearer token unchecked. `operator` requires an operator's credentials. */
export type Access = "anyone" | "optional" | "player" | "operator";

export interface ResponseSpec {
  readonly description: string;
  /** Absent if the response has no body. */
  readonly schema?: z.ZodType;
  /** Media type of the body; JSON if absent. */
  readonly mediaType?: string;
}

type Responses = Readonly<Record<number, ResponseSpec>>;

export type RouteResponse<A extends Responses> = {
  [S in keyof A & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & (A[S] extends { schema: infer B extends z.ZodType }
    ? { readonly body: z.input<B> }
    : { readonly body?: undefined });
}[keyof A & number];

type In<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface Context<P, Q, B, W extends Access> {
  readonly params: In<P>;
  readonly query: In<Q>;
  readonly body: In<B>;
  readonly session: W extends "player" ? Session : null;
  readonly operator: W extends "operator" ? Operator : null;
  /** The bearer token of the request, unchecked; null if there is none. */
  readonly token: string | null;
  /** IP address of the client. Trusted proxies are skipped. */
  readonly address: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export interface RouteSpec<
  P extends z.ZodObject | undefined = any,
  Q extends z.ZodObject | undefined = any,
  B extends z.ZodType | undefined = any,
  A extends Responses = any,
  W extends Access = any,
> {
  readonly method: Method;
  /** With `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: W;
  /** The role that an operator needs; `administer` if absent. */
  readonly role?: OperatorRole;
  /** Null: not limited. */
  readonly limit: LimitName | null;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly responses: A;
  /** Problems in addition to those that follow from `access`, `limit` and the inputs. */
  readonly problems?: readonly ProblemCode[];
  /** Resolves to null if the handler has sent the response itself. */
  handle(context: Context<P, Q, B, W>): Promise<RouteResponse<NoInfer<A>> | null>;
}

export function route<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  const A extends Responses = Responses,
  const W extends Access = Access,
>(spec: RouteSpec<P, Q, B, A, W>): RouteSpec {
  return spec;
}
