/** Runs the script of the Job that drains the volume of a pod that is gone, with a real broker. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, renameSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { outboxRoot } from "../../../src/pipeline/outbox/paths.ts";
import { Temporary } from "../../pipeline/outbox/temporary.ts";
import { TopicReader } from "../../pipeline/relay/TopicReader.ts";
import { recordOutbox } from "../../pipeline/salvage/recordedOutbox.ts";
import { useServices } from "../../tools/services/useServices.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const exec = promisify(execFile);

describe("the job for the volume of a pod that is gone", function () {
  this.timeout(240_000);
  const services = useServices("kafka");
  const temporary = new Temporary();
  const other = new Temporary();
  let reader: TopicReader;
  after(async () => {
    await reader?.close();
    await temporary.end();
    await other.end();
  });

  it("sends what is left in each outbox, ends the open matches, and can be repeated", async () => {
    const env = { ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: "2" };
    reader = await TopicReader.open(kafkaConfig(env)!);
    const outboxes = [await recordOutbox(temporary.dataDir), await recordOutbox(other.dataDir)];
    // A writer would have taken over the first outbox.
    renameSync(outboxes[1].directory, path.join(outboxRoot(temporary.dataDir), path.basename(outboxes[1].directory)));
    const job = parse(readFileSync(path.join(root, "deploy/kubernetes/orphanedVolume/job.yaml"), "utf8"));
    const [shell, option, script] = job.spec.template.spec.containers[0].command as string[];
    const inCheckout = script.replace("node dist/", `"${process.execPath}" ${root}/`);
    const run = () =>
      exec(shell, [option, inCheckout], {
        // As in the image.
        env: { PATH: process.env.PATH, NODE_ENV: "production", ...env, DATA_DIR: temporary.dataDir },
      });
    const { stdout } = await run();
    assert.equal(stdout.match(/sent \d+ messages to Kafka/g)?.length, outboxes.length, stdout);
    const hasEnd = (match: string) =>
      reader.messages().some(({ key, value }) => key === match && value.includes('"kind":"ended"'));
    const matches = outboxes.flatMap(({ ended, open }) => [ended, open]);
    while (!matches.every(hasEnd)) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.doesNotMatch((await run()).stdout, /sent [1-9]\d* messages/);
  });
});
