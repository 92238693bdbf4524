/** `npm run outbox -- check|salvage DIR`: shows what an outbox holds, or sends what is intact in a damaged one. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { dataDirOption, defineUsage, readArguments, usageError } from "../../platform/commandLine/CommandUsage.ts";
import type { Terminal } from "../../platform/commandLine/Terminal.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { closeMatchesOfDeadProcess } from "../events/closeOpenMatches.ts";
import { LostTicks } from "../events/LostTicks.ts";
import type { KafkaConfig } from "../kafka/config.ts";
import { KafkaProducer } from "../kafka/KafkaProducer.ts";
import { readState, readStateFiles } from "../outbox/drainState.ts";
import { OutboxDamaged, OutboxLocked } from "../outbox/Outbox.ts";
import { openDrain } from "../outbox/openOutbox.ts";
import { segmentsPath } from "../outbox/paths.ts";
import { repair, withLocks } from "../outbox/repair.ts";
import { isDamaged, lossesOf, type Survey, survey } from "../outbox/survey.ts";
import { OutboxRelay } from "../relay/OutboxRelay.ts";
import type { Sender } from "../relay/RecordSender.ts";
import { type Contents, describeLoss, describeSurvey } from "./describeSurvey.ts";

interface OutboxCommandDeps {
  /** Null without Kafka: the embedded log sends the records. */
  readonly kafka: KafkaConfig | null;
  readonly logger: Logger;
  /** Unix ms. */
  readonly now: () => number;
}

export const outboxUsage = defineUsage({
  command: "npm run outbox",
  synopsis: "check|salvage DIR",
  about:
    "check shows what an outbox contains and, if it is damaged, what is lost. It changes nothing. salvage repairs the outbox,\n" +
    "and sends the intact records. DIR is the directory of one outbox, such as DATA_DIR/outbox/0123456789abcdef.",
  options: dataDirOption,
  settings: ["KAFKA_*", "NAMESPACE", "DATA_DIR"],
  exitCodes: {
    0: "nothing is lost (check), or all intact records are sent or ready to be sent (salvage)",
    1: "records are lost (check), or a process uses the outbox (salvage)",
    2: "wrong arguments or settings",
  },
  example: "check .data/outbox/0123456789abcdef",
});

const ACKNOWLEDGE_EVERY_MS = 250;
/** The longest time of a timer. */
const FOREVER_MS = 2 ** 31 - 1;

/**
 * Resolves to the exit code: 0 if nothing is lost (`check`) or all intact records are sent or ready to be sent (`salvage`), 1 if records
 * are lost (`check`) or another process uses the outbox (`salvage`). Throws `UsageError` for wrong arguments. Rejects if a disk
 * or the brokers fail.
 */
export async function outboxCommand(
  args: readonly string[],
  deps: OutboxCommandDeps,
  terminal: Terminal,
): Promise<number> {
  const [verb, directory, ...rest] = readArguments(outboxUsage, args).positionals;
  const problem =
    (verb !== "check" && verb !== "salvage") || directory === undefined || rest.length > 0
      ? "expected check or salvage, and a directory"
      : await problemOf(path.resolve(directory));
  if (problem !== null) throw usageError(outboxUsage, problem);
  const write = (lines: readonly string[]) => terminal.out(`${lines.join("\n")}\n`);
  if (verb === "check") return check(path.resolve(directory), write);
  try {
    await salvage(path.resolve(directory), deps, write);
    return 0;
  } catch (error) {
    if (!(error instanceof OutboxLocked)) throw error;
    terminal.err(`${error.message}\n`);
    return 1;
  }
}

async function problemOf(directory: string): Promise<string | null> {
  if (!/^[0-9a-f]{16}$/.test(path.basename(directory)))
    return `${directory} is not the directory of an outbox: its name must be the outbox's id, 16 hexadecimal digits`;
  return readdir(segmentsPath(directory)).then(
    () => null,
    (error: NodeJS.ErrnoException) => `${directory} is not the directory of an outbox: ${error.code} for segments/`,
  );
}

async function surveyWithLoss(directory: string): Promise<{ found: Survey; lost: LostTicks; contents: Contents }> {
  const { state } = await readStateFiles(directory);
  const lost = new LostTicks(state?.entries ?? null);
  const contents: Contents = { records: 0, oldestAt: null, newestAt: null };
  const found = await survey(directory, (records) => {
    for (const { number, bytes, appendedAt } of records) {
      if (number <= (state?.acknowledged ?? 0)) continue;
      lost.add(bytes);
      contents.records++;
      contents.oldestAt ??= appendedAt;
      contents.newestAt = appendedAt;
    }
  });
  return { found, lost, contents };
}

async function check(directory: string, write: (lines: readonly string[]) => void): Promise<number> {
  const { found, lost, contents } = await surveyWithLoss(directory);
  write(describeSurvey(found, contents));
  if (!isDamaged(found)) return 0;
  write(describeLoss(found, lost));
  return lossesOf(found).length === 0 && found.state !== null ? 0 : 1;
}

async function salvage(
  directory: string,
  deps: OutboxCommandDeps,
  write: (lines: readonly string[]) => void,
): Promise<void> {
  await withLocks(directory, async () => {
    const { found, lost } = await surveyWithLoss(directory);
    if (!isDamaged(found)) return write([`outbox ${found.id} is intact`]);
    await repair(found, deps.now());
    write([`outbox ${found.id} is repaired; its damaged files are in ${path.join(directory, "damaged")}`]);
    write(describeLoss(found, lost));
  });
  write([await closeMatches(directory, deps.now())]);
  write([deps.kafka === null ? EMBEDDED : await send(directory, deps.kafka, deps.logger)]);
}

const EMBEDDED =
  "KAFKA_BROKERS is not set: the program reads the records itself, within seconds if it runs with this DATA_DIR, else when it starts";

async function closeMatches(directory: string, at: number): Promise<string> {
  const ended = await closeMatchesOfDeadProcess(directory, at);
  if (ended === null) return "a process has taken the outbox over: it ends the open matches and connections";
  const { closed, unreadable, disconnected } = ended;
  const rest = unreadable > 0 ? `, ${unreadable} cannot be read and stay open` : "";
  return `open matches: ${closed} were ended as aborted${rest}; open connections: ${disconnected} were ended`;
}

async function send(directory: string, kafka: KafkaConfig, logger: Logger): Promise<string> {
  const producer = new KafkaProducer(kafka, logger);
  try {
    await producer.connect();
    const relay = new OutboxRelay({
      drain: await openDrain(directory),
      sender: sendingAll(producer),
      logger,
      acknowledgeEveryMs: ACKNOWLEDGE_EVERY_MS,
    });
    await relay.stop(FOREVER_MS);
    const damage = relay.damage();
    if (damage !== null) throw new OutboxDamaged(damage);
    return `sent ${relay.messagesAcknowledged} messages to Kafka; acknowledged up to record ${(await readState(directory)).acknowledged}`;
  } catch (error) {
    if (error instanceof OutboxLocked) return "a running relay sends the records";
    throw error;
  } finally {
    await producer.close();
  }
}

/** Waits until every topic accepts its messages. */
function sendingAll(producer: KafkaProducer): Sender {
  return {
    async trySend(messages) {
      await producer.send(messages);
      return new Map();
    },
    partitionCounts: (topics) => producer.partitionCounts(topics),
    isHeld: () => false,
  };
}
