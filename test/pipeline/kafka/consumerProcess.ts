/**
 * A consumer in its own process, which a test pauses in the middle of a batch. Prints `working` before each slow transaction, and
 * `fenced` if the transaction changed no offset. Arguments: the settings as JSON, the store's file.
 */
import { setTimeout } from "node:timers/promises";
import type { KafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { SharedStore } from "./SharedStore.ts";

const [config, file] = process.argv.slice(2);
const log = new KafkaLog(JSON.parse(config) as KafkaConfig, silent);
const before = async () => {
  console.log("working");
  await setTimeout(300);
};
const onFenced = () => console.log("fenced");
await log.consume("g", ["logs_move"], new SharedStore(file).handler("paused", before, onFenced));
