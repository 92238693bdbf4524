/** The requests of `/playground`. */
import { Problem } from "../../api/problems.ts";
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
  "/": "playground-index",
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
/** Match no `..` and no encoded characters. */
const FILE = /^\/([\w-]+\.(html|ico|png|json|txt)|assets\/[\w-]+(\.\w+)+)$/;

export function playgroundJudge(routes: ToolRoutes): Judge {
  return (target) => {
    const { method, path } = target;
    const act = `${method} ${path}`;
    if (Object.hasOwn(ACTS, act)) return profiling(act, routes[ACTS[act]], target);
    if (!isRead(method)) return unknownRequest;
    if (Object.hasOwn(READS, path)) return reading(() => routes[READS[path]]({}));
    return FILE.test(path)
      ? reading(() => routes["playground-static"]({ params: { splat: path.slice(1) } }))
      : unknownRequest;
  };
}

function profiling(name: string, route: ToolRoutes[string], { query }: ToolTarget): ToolRequest {
  return {
    role: "administer",
    prepare() {
      // `v` only makes the URL of a download differ from earlier ones.
      const { interval } = readParameters(query, name === "POST /profiling/start" ? ["interval"] : ["v"]);
      if (interval !== undefined && !/^[1-9]\d{0,6}$/.test(interval))
        throw new Problem("INPUT_INVALID", "query.interval: expected microseconds between samples, a whole number");
      const detail = interval === undefined ? name : `${name} interval=${interval}`;
      return { act: { act: "playground_call", detail }, run: () => route({ query: { interval } }) };
    },
  };
}
