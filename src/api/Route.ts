/**
 * What a route of the API says of itself: where it stands, what it takes and responses, who may ask and how often. From this come
 * the checks, the types of its handler, and its entry in the OpenAPI document. Declarations only.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type * as z from "zod";
import type { Session } from "../players/identity/Sessions.ts";
import type { LimitName } from "./limits.ts";
import type { ProblemCode } from "./problems.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `player`: a bearer token; `optional`: one is looked at where it comes; `operator`: basic authentication. */
export type Access = "anyone" | "optional" | "player" | "operator";

export interface ResponseSpec {
  readonly description: string;
  /** Absent where the answer has no body. */
  readonly schema?: z.ZodType;
  /** Beside `schema`'s JSON, or instead of it. */
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
  /** As it came, unchecked; null where the request has none. */
  readonly token: string | null;
  /** Of the client, behind trusted proxies. */
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
  readonly limit: LimitName;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly responses: A;
  /** Beyond those that follow from `access`, `limit` and the inputs. */
  readonly problems?: readonly ProblemCode[];
  /** Null where the handler has answered by itself. */
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
