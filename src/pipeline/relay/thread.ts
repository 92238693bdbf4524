/** The entry point of the relay thread. Posts its stats at an interval, and ends after `stop`. */
import { parentPort, workerData } from "node:worker_threads";
import { openLogger } from "../../platform/logging/openLogger.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { runRelay } from "./runRelay.ts";
import type { FromRelayThread, RelayThreadData, ToRelayThread } from "./startRelayThread.ts";

const { config, logLevel, processName, statsEveryMs, isTraced } = workerData as RelayThreadData;
const post = (message: FromRelayThread): void => parentPort!.postMessage(message);
const tracer: Tracer = { isOn: isTraced, record: (span) => post({ span }), async stop() {} };
const relay = runRelay(config, openLogger(logLevel, processName).child({ part: "relay" }), tracer);
const timer = setInterval(() => post({ stats: relay.stats() }), statsEveryMs);

parentPort!.on("message", async (message: ToRelayThread) => {
  if (message !== "stop") return;
  clearInterval(timer);
  await relay.stop();
  post({ stats: relay.stats() });
  parentPort!.close();
});
