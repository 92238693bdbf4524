/** What an operator asks a tool for. It is read from the request once: exactly what is judged and recorded is done. */
import type * as z from "zod";
import type { OperatorRole } from "../../api/operators/Operator.ts";
import type { OperatorAct } from "../../api/operators/OperatorLog.ts";
import { Problem } from "../../api/problems.ts";

/** A request below the path of a tool. */
export interface ToolTarget {
  readonly method: string;
  /** Without the path of the tool, not decoded: `/api/room`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface ToolRequest {
  readonly role: OperatorRole;
  /** Called for operators with this role. Rejects with the problem of a request that is invalid. */
  readonly prepare: () => ToolWork | Promise<ToolWork>;
}

export interface ToolWork {
  /** Recorded before `run`. Null: the request only reads. */
  readonly act: OperatorAct | null;
  /** Resolves to the answer: a value, which is sent as JSON, or a `Response`. */
  readonly run: () => unknown;
}

/** The routes of a tool, by the names that the tool gives them. They are called directly, because its router parses the URL again. */
export type ToolRoutes = Readonly<Record<string, (context: object) => Promise<unknown>>>;

export type Judge = (target: ToolTarget) => ToolRequest;

export const reading = (run: ToolWork["run"]): ToolRequest => ({
  role: "view",
  prepare: () => ({ act: null, run }),
});

/** A request that the tool does not have. */
export const unknownRequest: ToolRequest = {
  role: "administer",
  prepare() {
    throw new Problem("ROUTE_UNKNOWN");
  },
};

/** A request for an act with another method. */
export const onlyPost: ToolRequest = {
  role: "view",
  prepare() {
    throw new Problem("METHOD_NOT_ALLOWED", undefined, { headers: { allow: "POST" } });
  },
};

export const isRead = (method: string): boolean => method === "GET" || method === "HEAD";

/** Throws `INPUT_INVALID` if a parameter is not one of `names`, or occurs twice. */
export function readParameters(query: URLSearchParams, names: readonly string[]): Record<string, string> {
  const given = [...query.keys()];
  const wrong = given.find((name, at) => !names.includes(name) || given.indexOf(name) !== at);
  if (wrong !== undefined)
    throw new Problem(
      "INPUT_INVALID",
      `query: ${JSON.stringify(wrong.slice(0, 40))} is unknown or occurs twice: expected ${names.join(", ")}, each at most once`,
    );
  return Object.fromEntries(query);
}

/** Throws `INPUT_INVALID`. `where`: where the value was given, for the detail of the problem. */
export function readInput<Value>(where: string, schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new Problem("INPUT_INVALID", `${[where, ...path].join(".")}: ${message}`);
}
