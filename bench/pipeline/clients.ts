/** The CPU of relay and sinks per event with each Kafka client, and that of the bare consumer in the same windows. */
import { setTimeout as delay } from "node:timers/promises";
import type { ClientName } from "../../src/pipeline/kafka/config.ts";
import type { Cluster } from "../../test/chaos/Cluster.ts";
import { progress } from "../progress.ts";
import { type Row, rowOf } from "../Row.ts";
import type { BarePeer } from "./BarePeer.ts";
import { PEER_WINDOW_S, ROOMS, SEATS, WARM_UP_MS } from "./sizes.ts";
import type { TopicObserver } from "./TopicObserver.ts";
import { measureWindow, shares, sum, type Window } from "./windows.ts";

/** Each client twice and symmetrically, so that a machine that gets slower or faster affects both alike. */
const TURNS: readonly ClientName[] = ["kafkajs", "platformatic", "platformatic", "kafkajs"];
const NAMES = ["game", "relay", "sinks", "bare consumer"];

export type ClientWindows = Readonly<Record<ClientName, readonly Window[]>>;

/** With one process of sinks, because the bare consumer is one process. The cluster begins and ends with kafkajs. */
export async function measureClients(
  { game, relay, sinks }: Cluster,
  bare: BarePeer,
  observer: TopicObserver,
): Promise<ClientWindows> {
  const [first, ...others] = sinks;
  await Promise.all(others.map((each) => each.stop()));
  await delay(WARM_UP_MS);
  const windows = { kafkajs: [] as Window[], platformatic: [] as Window[] };
  let current: ClientName = "kafkajs";
  for (const client of TURNS) {
    if (client !== current) {
      await Promise.all([relay, first].map((each) => restart(each, client)));
      await delay(WARM_UP_MS);
      current = client;
    }
    progress(`${PEER_WINDOW_S} s with ${client}, beside the bare consumer`);
    windows[client].push(await measureWindow([game, relay, first, bare], observer, PEER_WINDOW_S));
  }
  return windows;
}

async function restart(program: Cluster["relay"], KAFKA_CLIENT: ClientName): Promise<void> {
  await program.stop();
  program.changeEnv({ KAFKA_CLIENT });
  await program.start();
}

/** @param same what was verified to be the same */
export function clientRows({ kafkajs, platformatic }: ClientWindows, same: string): Row[] {
  const [relay, sinks, bare] = [1, 2, 3].map((at) => perEventUs(kafkajs, [at]));
  const load = `${ROOMS} rooms of ${SEATS}, ${kafkajs.length} windows of ${PEER_WINDOW_S} s`;
  return [
    rowOf(
      "CPU of all sinks per event",
      "µs",
      sinks,
      "bare consumer",
      bare,
      `${load}, one process each; ${shares(NAMES, kafkajs[0])} of a core; ${same}`,
      [{ of: "ratio", atMost: 1.3 }],
    ),
    rowOf(
      "CPU of relay and all sinks per event",
      "µs",
      relay + sinks,
      "bare consumer",
      bare,
      `the bare consumer has no relay, which takes ${relay.toFixed(1)} µs of it`,
      [{ of: "ratio", atMost: 1.3 }],
    ),
    rowOf(
      "CPU of relay and sinks per event, KAFKA_CLIENT=platformatic",
      "µs",
      perEventUs(platformatic, [1, 2]),
      "KAFKA_CLIENT=kafkajs",
      relay + sinks,
      `${shares(NAMES, platformatic[0])} of a core; with kafkajs ${shares(NAMES, kafkajs[0])}`,
    ),
  ];
}

function perEventUs(windows: readonly Window[], processes: readonly number[]): number {
  const seconds = windows.flatMap(({ cpuSeconds }) => processes.map((at) => cpuSeconds[at]));
  return (sum(seconds) * 1e6) / sum(windows.map(({ events }) => events));
}
