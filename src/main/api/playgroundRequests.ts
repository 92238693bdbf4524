/** The requests of `/playground`. */
import { Problem } from "../../api/problems.ts";
import { pageRequest, readReason } from "./toolReasons.ts";
import {
  isRead,
  type Judge,
  reading,
  readParameters,
  type ToolRequest,
  type ToolRoutes,
  type ToolTarget,
  unknownRequest,
} from "./toolRequest.ts";

/** By path. */
const READS: Readonly<Record<string, string>> = {
  "/rooms": "playground-rooms",
  "/__apidocs": "playground-apidocs",
  "/profiling/status": "profiling-status",
};
/** By method and path. What a profile shows is for `administer` only, so its downloads are recorded too. */
const ACTS: Readonly<Record<string, string>> = {
  "POST /profiling/start": "profiling-start",
  "POST /profiling/stop": "profiling-stop",
  "GET /profiling/profile.cpuprofile": "profiling-profile",
  "GET /profiling/report.html": "profiling-report",
};
const ASKING = { acts: /\/profiling\/(start|stop)$/, ends: /\/profiling\/stop$/ };
/** Of downloads: the page shows them by links, which cannot ask. */
const NOT_ASKED = "not asked: a link of the page";
/** Match no `..` and no encoded characters. */
const FILE = /^\/([\w-]+\.(html|ico|png|json|txt)|assets\/[\w-]+(\.\w+)+)$/;

export function playgroundJudge(routes: ToolRoutes): Judge {
  return (target) => {
    const { method, path } = target;
    const act = `${method} ${path}`;
    if (Object.hasOwn(ACTS, act)) return profiling(act, routes[ACTS[act]], target);
    if (!isRead(method)) return unknownRequest;
    const page = pageRequest(path, routes["playground-index"], ASKING);
    if (page !== null) return page;
    if (Object.hasOwn(READS, path)) return reading(() => routes[READS[path]]({}));
    return FILE.test(path)
      ? reading(() => routes["playground-static"]({ params: { splat: path.slice(1) } }))
      : unknownRequest;
  };
}

function profiling(name: string, route: ToolRoutes[string], { method, query }: ToolTarget): ToolRequest {
  return {
    role: "administer",
    prepare() {
      // `v` only makes the URL of a download differ from earlier ones.
      const given = readParameters(query, [name === "POST /profiling/start" ? "interval" : "v", "reason"]);
      const { interval } = given;
      if (interval !== undefined && !/^[1-9]\d{0,6}$/.test(interval))
        throw new Problem("INPUT_INVALID", "query.interval: expected microseconds between samples, a whole number");
      const detail = interval === undefined ? name : `${name} interval=${interval}`;
      const reason = isRead(method) && given.reason === undefined ? NOT_ASKED : readReason("/playground", given);
      return { act: { act: "playground_call", detail, reason }, run: () => route({ query: { interval } }) };
    },
  };
}
