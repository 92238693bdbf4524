/** The entry point of the relay thread. Posts its stats at an interval, and ends after `stop`. */
import { parentPort, workerData } from "node:worker_threads";
import { openLogger } from "../../platform/logging/openLogger.ts";
import { runRelay } from "./runRelay.ts";
import type { RelayThreadData, ToRelayThread } from "./startRelayThread.ts";

const { config, logLevel, processName, statsEveryMs } = workerData as RelayThreadData;
const relay = runRelay(config, openLogger(logLevel, processName).child({ part: "relay" }));
const timer = setInterval(() => parentPort!.postMessage(relay.stats()), statsEveryMs);

parentPort!.on("message", async (message: ToRelayThread) => {
  if (message !== "stop") return;
  clearInterval(timer);
  await relay.stop();
  parentPort!.postMessage(relay.stats());
  parentPort!.close();
});
