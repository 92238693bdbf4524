/** Reads topics with kcat, a client that shares no code with this project. apt-get installs it if it is missing. */
import { execFileSync, spawnSync } from "node:child_process";
import { debianProgram } from "../../../tools/services/native/apt.ts";
import type { ReadMessage } from "./checkMatches.ts";

const FORMAT = '{"partition":%p,"key":"%k","headers":"%h","value":%s}\n';

const find = () => (spawnSync("kcat", ["-V"]).status === 0 ? "kcat" : null);

/** All messages of a topic. Throws an error that names the package if kcat cannot be installed. */
export async function readWithKcat(brokers: string, namespace: string, topic: string): Promise<ReadMessage[]> {
  const kcat = await debianProgram("kcat", find);
  const args = ["-b", brokers, "-C", "-t", namespace + topic, "-o", "beginning", "-e", "-q", "-f", FORMAT];
  const lines = execFileSync(kcat, args, { encoding: "utf8", maxBuffer: 2 ** 28 })
    .trimEnd()
    .split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => {
      const { partition, key, headers, value } = JSON.parse(line);
      const pairs = (headers as string).split(",").map((pair) => pair.split("=") as [string, string]);
      return { topic, partition, key, headers: Object.fromEntries(pairs), value: JSON.stringify(value) };
    });
}
