/**
 * `/monitor` and `/playground`, for operators only. A request that changes something is an act, which is recorded before the tool gets the
 * request. Requests that only read are listed here. Every other request counts as an act, so a new version of a tool adds no unrecorded one.
 */
import type { IncomingMessage } from "node:http";
import { createMiddleware } from "@colyseus/core";
import type { Application, Request, RequestHandler } from "express";
import type { OperatorRole } from "../../api/operators/Operator.ts";
import type { OperatorAct, OperatorLog } from "../../api/operators/OperatorLog.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import { sendProblem } from "../../api/sendProblem.ts";
import { toProblem } from "../../api/toProblem.ts";
import { MONITOR_KICK } from "../../platform/adapters/colyseus/monitorKick.ts";

export interface OperatorToolsDeps {
  readonly operators: Pick<Operators, "require">;
  /** Null without a database: nothing can be recorded, so the tools only read. */
  readonly operatorLog: Pick<OperatorLog, "record"> | null;
  readonly addressOf: (request: IncomingMessage) => string;
}

interface ToolRequest {
  readonly role: OperatorRole;
  /** Null: the request only reads. */
  readonly act: OperatorAct | null;
}

const READ: ToolRequest = { role: "view", act: null };
const DETAIL_MAX = 500;
const REASON_MAX = 200;

/** Match no `..` and no encoded characters, because the tools resolve the path again. */
const MONITOR_READS = /^\/(index\.html|assets\/[\w-]+(\.\w+)+|api|api\/room)?$/;
const PLAYGROUND_READS = /^\/(rooms|__apidocs|[\w-]+\.(html|ico|png|json|txt)|assets\/[\w-]+(\.\w+)+)?$/;

function monitorRequest({ method, path, query }: Request): ToolRequest {
  if (isRead(method) && MONITOR_READS.test(path)) return READ;
  const { roomId, method: called, args, reason } = query;
  const act = { act: "monitor_call", room: textOf(roomId), reason: textOf(reason)?.slice(0, REASON_MAX) } as const;
  const detail = called === undefined ? path : `${called} ${args ?? ""}`;
  return {
    role: called === MONITOR_KICK ? "moderate" : "administer",
    act: { ...act, detail: detail.slice(0, DETAIL_MAX) },
  };
}

function playgroundRequest({ method, path }: Request): ToolRequest {
  if (isRead(method) && PLAYGROUND_READS.test(path)) return READ;
  const detail = `${method} ${path}`.slice(0, DETAIL_MAX);
  return { role: "administer", act: { act: "playground_call", detail } };
}

const isRead = (method: string) => method === "GET" || method === "HEAD";
const textOf = (value: unknown) => (typeof value === "string" ? value.slice(0, DETAIL_MAX) : undefined);

const allowing =
  (
    { operators, operatorLog, addressOf }: OperatorToolsDeps,
    requestOf: (request: Request) => ToolRequest,
  ): RequestHandler =>
  async (request, response, next) => {
    try {
      const { role, act } = requestOf(request);
      const operator = await operators.require(request, addressOf(request), role);
      if (act !== null) {
        if (operatorLog === null) return void response.status(503).end();
        await operatorLog.record(operator, act);
      }
    } catch (error) {
      return sendProblem(toProblem(error), request, response);
    }
    next();
  };

/** In production, the playground serves its data only behind a guard of its own. `allowing` has let the operator in before. */
const guard = createMiddleware(async () => {});

export async function addOperatorTools(app: Application, deps: OperatorToolsDeps): Promise<void> {
  const { monitor } = await import("@colyseus/monitor");
  const { playground } = await import("@colyseus/playground");
  app.use("/monitor", allowing(deps, monitorRequest), monitor());
  app.use("/playground", allowing(deps, playgroundRequest), playground({ use: [guard] }));
}
