/**
 * `/monitor` and `/playground`, for operators only. A request that changes something is an act, which is recorded before it is done.
 * What is judged, recorded and done comes from one reading of the request's target. The routers of the tools are not used, because
 * they read the headers `Host` and `X-Forwarded-Proto` as parts of the URL.
 */
import type { IncomingMessage } from "node:http";
import { createMiddleware } from "@colyseus/core";
import type { Response as Answer, Application, RequestHandler } from "express";
import type { OperatorLog } from "../../api/operators/OperatorLog.ts";
import type { Operators } from "../../api/operators/Operators.ts";
import { Problem } from "../../api/problems.ts";
import { sendProblem } from "../../api/sendProblem.ts";
import { toProblem } from "../../api/toProblem.ts";
import { withoutJoinPatch } from "../../platform/adapters/colyseus/withoutJoinPatch.ts";
import { type MonitoredRooms, monitorJudge } from "./monitorRequests.ts";
import { playgroundJudge } from "./playgroundRequests.ts";
import type { Judge, ToolRoutes, ToolTarget } from "./toolRequest.ts";

export interface OperatorToolsDeps {
  readonly operators: Pick<Operators, "require">;
  /** Null without a database: nothing can be recorded, so the tools only read. */
  readonly operatorLog: Pick<OperatorLog, "record"> | null;
  readonly rooms: MonitoredRooms;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Called with unexpected errors. */
  readonly onError: (error: unknown, where: string) => void;
}

const ALLOW = { headers: { allow: "GET, POST" } };

/** Null if the target does not begin with the path of the tool: Express ignores case, and accepts complete URLs. */
function targetBelow(prefix: string, method: string, url: string): ToolTarget | null {
  const [path, ...query] = url.split("?");
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return null;
  return { method, path: path.slice(prefix.length), query: new URLSearchParams(query.join("?")) };
}

const serving =
  ({ operators, operatorLog, addressOf, onError }: OperatorToolsDeps, prefix: string, judge: Judge): RequestHandler =>
  async (request, response, next) => {
    const target = targetBelow(prefix, request.method, request.originalUrl);
    if (target === null) return next();
    response.setHeader("cross-origin-resource-policy", "same-origin");
    try {
      // No page of another origin may send more than a simple request.
      if (request.method === "OPTIONS") throw new Problem("METHOD_NOT_ALLOWED", undefined, ALLOW);
      // The page's own links need the slash.
      const { role, prepare } = judge(target.path === "" ? { ...target, path: "/" } : target);
      const operator = await operators.require(request, addressOf(request), role);
      if (target.path === "") return response.redirect(302, `${prefix}/`);
      const { act, run } = await prepare();
      if (act !== null) {
        if (operatorLog === null) throw new Problem("UNAVAILABLE", "The act cannot be recorded without a database.");
        await operatorLog.record(operator, act);
      }
      await send(await run(), response);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === "INTERNAL") onError(error, `${request.method} ${prefix}${target.path}`);
      sendProblem(problem, request, response);
    }
  };

async function send(value: unknown, response: Answer): Promise<void> {
  if (!(value instanceof Response)) {
    response.setHeader("cache-control", "no-store");
    response.json(value);
    return;
  }
  response.status(value.status);
  for (const name of ["content-type", "cache-control", "content-disposition"]) {
    const header = value.headers.get(name);
    if (header !== null) response.setHeader(name, header);
  }
  response.send(Buffer.from(await value.arrayBuffer()));
}

/** In production, the playground serves its data only behind a guard of its own. `serving` has let the operator in before. */
const guard = createMiddleware(async () => {});

export async function addOperatorTools(app: Application, deps: OperatorToolsDeps): Promise<void> {
  const { monitor } = await import("@colyseus/monitor");
  const { playground } = await import("@colyseus/playground");
  const [monitored, played] = [
    monitor(),
    withoutJoinPatch(() => playground({ use: [guard] })),
  ] as unknown as ToolRoutes[];
  app.use("/monitor", serving(deps, "/monitor", monitorJudge(monitored, deps.rooms)));
  app.use("/playground", serving(deps, "/playground", playgroundJudge(played)));
}
