/**
 * A consumer in its own process, to be paused in the middle of a batch: prints `working` before each slow transaction, and
 * `fenced` if the transaction moved no offset. Arguments: the settings as JSON, the store's file.
 */
import { setTimeout } from "node:timers/promises";
import type { KafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { CasStore } from "./casStore.ts";

const [config, file] = process.argv.slice(2);
const log = new KafkaLog(JSON.parse(config) as KafkaConfig, silent);
const before = async () => {
  console.log("working");
  await setTimeout(300);
};
const onFenced = () => console.log("fenced");
await log.consume("g", ["logs_move"], new CasStore(file).handler("paused", before, onFenced));
