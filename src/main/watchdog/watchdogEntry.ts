/**
 * The thread of the watchdog. It looks again and again whether the game's thread still runs the same step. If a step does not return, it
 * keeps the match as a test case, logs one line and ends the process. It does nothing while the process is debugged.
 */
import { parentPort, workerData } from "node:worker_threads";
import { openLogger } from "../../platform/logging/openLogger.ts";
import { HangTimer } from "./HangTimer.ts";
import { keepCase } from "./keepCase.ts";
import { MainThread } from "./MainThread.ts";
import { HANG_EXIT_CODE, STEP_LIMIT_MS, type WatchdogSettings } from "./messages.ts";
import { type RunningStep, StepBeat } from "./SharedStep.ts";
import { WatchedMatches } from "./WatchedMatches.ts";

const POLL_MS = 250;

const { beat: shared, folder, logLevel, processName } = workerData as WatchdogSettings;
const beat = new StepBeat(shared);
const timer = new HangTimer(STEP_LIMIT_MS, POLL_MS);
const matches = new WatchedMatches();
let isActing = false;
/** The step of a process that is debugged: asking again would disturb. */
let excused: number | null = null;

parentPort!.on("message", (message) => matches.apply(message));
setInterval(() => {
  const step = beat.read();
  const isOver = timer.isOver(step?.entry ?? null, performance.now());
  if (!isOver || isActing || step!.entry === excused) return;
  isActing = true;
  void end(step!).finally(() => {
    isActing = false;
  });
}, POLL_MS);

/** Resolves if the step has returned after all, or is debugged. */
async function end(step: RunningStep): Promise<void> {
  const main = new MainThread();
  if (await main.isDebugged()) {
    excused = step.entry;
    return main.release();
  }
  const at = await main.pause();
  if (beat.read()?.entry !== step.entry) return main.release();
  const log = openLogger(logLevel, processName);
  const fault = matches.faultOf(step, at);
  if (fault === null) log.fatal({}, "code of a game did not return");
  else {
    const { matchId, roomId, setup, tick } = fault;
    const { game, mode, map } = setup;
    const where = `${game}, ${tick === 0 ? "createWorld" : `step at tick ${tick}`}${at === null ? "" : ` (${at})`}`;
    const what = `did not return within ${STEP_LIMIT_MS / 1000} s, expected that it returns within its tick`;
    const kept = keepCase(folder, fault);
    const remedy = `correct the loop: ${kept} leads there again. All matches of this process end as aborted; it exits with code ${HANG_EXIT_CODE}, and must be started again`;
    log.fatal({ game, mode, map, matchId, roomId, tick, at }, `${where}: ${what}; ${remedy}`);
  }
  await main.exit(HANG_EXIT_CODE);
}
