/**
 * Sends one request of Kafka's protocol (Metadata, version 1) over a plain socket, to check whether a broker is ready. It does
 * not use kafkajs, which only src/pipeline/kafka may import, and which would retry and log.
 */
import { connect } from "node:net";

const metadataKey = 3;
const metadataVersion = 1;
const noTopics = 0;

function metadataRequest(): Buffer {
  const client = "hypogeum";
  const body = Buffer.alloc(8 + 2 + client.length + 4);
  body.writeInt16BE(metadataKey, 0);
  body.writeInt16BE(metadataVersion, 2);
  body.writeInt32BE(1, 4);
  body.writeInt16BE(client.length, 8);
  body.write(client, 10, "latin1");
  body.writeInt32BE(noTopics, 10 + client.length);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** The response has a correlation id, then the number of brokers, and for each of them id, host, port, rack. */
function brokerIds(answer: Buffer): number[] {
  let at = 4;
  const skipString = () => {
    at += 2 + Math.max(0, answer.readInt16BE(at));
  };
  const count = answer.readInt32BE(at);
  at += 4;
  return Array.from({ length: count }, () => {
    const id = answer.readInt32BE(at);
    at += 4;
    skipString();
    at += 4;
    skipString();
    return id;
  });
}

/** The ids of the brokers in the cluster, according to the broker at this address. */
export function fetchBrokerIds(host: string, port: number, timeoutMs: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    let received = Buffer.alloc(0);
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.once("connect", () => socket.write(metadataRequest()));
    socket.once("timeout", () => fail(new Error(`no response from ${host}:${port} within ${timeoutMs} ms`)));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error(`${host}:${port} closed the connection without a response`)));
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      resolve(brokerIds(received.subarray(4)));
      socket.destroy();
    });
  });
}
