/** Tests the private parts of kafkajs that `src/platform/adapters/kafkajs` uses. Needs no broker. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import kafkajs, { type KafkaConfig } from "kafkajs";
import "../../src/platform/adapters/kafkajs/preventIdleTimers.ts";
import { nameOfBroker, openBrokerSocket, withAddresses } from "../../src/pipeline/kafka/kafkajs/ipv6Brokers.ts";
import { sendToController } from "../../src/platform/adapters/kafkajs/controllerRequest.ts";

const require = createRequire(import.meta.url);
const QUEUE = "kafkajs/src/network/requestQueue";

interface Queue {
  pending: unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  destroy(): void;
}

/** A request queue that allows one request in flight. */
function newQueue(RequestQueue: new (options: object) => Queue): Queue {
  const logger = { debug() {}, warn() {} };
  return new RequestQueue({ maxInFlightRequests: 0, requestTimeout: 1000, clientId: "a", broker: "b", logger });
}

describe("adapters of kafkajs: preventIdleTimers", () => {
  it("is needed: kafkajs sets a timer with a negative delay although no request waits", () => {
    const cached = require.cache[require.resolve(QUEUE)]!;
    delete require.cache[require.resolve(QUEUE)];
    const stock = newQueue(require(QUEUE));
    require.cache[require.resolve(QUEUE)] = cached;
    const { setTimeout } = globalThis;
    const delays: unknown[] = [];
    globalThis.setTimeout = ((_call: unknown, delay: unknown) => delays.push(delay)) as never;
    try {
      stock.checkPendingRequests();
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    assert.equal(delays.length, 1);
    assert.ok((delays[0] as number) < 0, `${delays[0]}`);
  });

  it("sets no timer while no request waits", () => {
    const queue = newQueue(require(QUEUE));
    queue.checkPendingRequests();
    assert.equal(queue.throttleCheckTimeoutId, null);
  });

  it("still sets the timer for requests that wait", () => {
    const queue = newQueue(require(QUEUE));
    queue.pending.push({});
    queue.checkPendingRequests();
    assert.notEqual(queue.throttleCheckTimeoutId, null);
    queue.destroy();
  });
});

const [METADATA, API_VERSIONS] = [3, 18];

const int16 = (value: number): Buffer => Buffer.of(value >> 8, value & 255);
const int32 = (value: number): Buffer => Buffer.of(value >> 24, value >> 16, value >> 8, value);
const string = (text: string): Buffer => Buffer.concat([int16(text.length), Buffer.from(text)]);

interface FakeRequest {
  readonly apiKey: number;
  readonly version: number;
  readonly client: string;
  readonly body: Buffer;
}

/**
 * Answers only those Kafka requests that kafkajs needs to find the controller. Echoes the body of requests with a version above
 * 1.
 */
class FakeBroker {
  readonly requests: FakeRequest[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on("data", (more: Buffer) => {
      bytes = Buffer.concat([bytes, more]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0);
        this.#answer(socket, bytes.subarray(4, end));
        bytes = bytes.subarray(end);
      }
    });
  });

  async start(host = "127.0.0.1"): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, host, resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(socket: Socket, bytes: Buffer): void {
    const [apiKey, version] = [bytes.readInt16BE(0), bytes.readInt16BE(2)];
    const bodyAt = 10 + bytes.readInt16BE(8);
    const request = { apiKey, version, client: bytes.toString("utf8", 10, bodyAt), body: bytes.subarray(bodyAt) };
    this.requests.push(request);
    const answer = Buffer.concat([bytes.subarray(4, 8), this.#bodyFor(request)]);
    socket.write(Buffer.concat([int32(answer.length), answer]));
  }

  #bodyFor({ apiKey, version, body }: FakeRequest): Buffer {
    if (apiKey === API_VERSIONS) {
      if (version > 0) return Buffer.concat([int16(35), int32(0), int32(0)]);
      const versions = [METADATA, API_VERSIONS].map((key) => Buffer.concat([int16(key), int16(0), int16(1)]));
      return Buffer.concat([int16(0), int32(versions.length), ...versions]);
    }
    if (version > 1) return body;
    const broker = Buffer.concat([
      int32(7),
      string((this.#server.address() as AddressInfo).address),
      int32(this.port),
      int16(-1),
    ]);
    return Buffer.concat([int32(1), broker, int32(7), int32(0)]);
  }
}

describe("adapters of kafkajs: controllerRequest", () => {
  const broker = new FakeBroker();
  before(() => broker.start());
  after(() => broker.stop());

  const ask = (decode: (answer: Buffer) => unknown) => {
    const brokers = [`127.0.0.1:${broker.port}`];
    const kafka = new kafkajs.Kafka({ clientId: "pin", brokers, logLevel: kafkajs.logLevel.NOTHING });
    const body = Buffer.from("a body of one's own");
    return sendToController(kafka, { apiKey: METADATA, apiVersion: 12, apiName: "Metadata", body, decode });
  };

  it("sends the given body after kafkajs's header, and decodes what follows the correlation id", async () => {
    assert.equal(await ask(String), "a body of one's own");
    const { apiKey, version, client, body } = broker.requests.at(-1)!;
    assert.deepEqual([apiKey, version, client, String(body)], [METADATA, 12, "pin", "a body of one's own"]);
  });

  it("closes its connection even if the answer cannot be decoded", async () => {
    const failing = ask(() => {
      throw new Error("not decodable");
    });
    await assert.rejects(failing, /not decodable/);
    const deadline = performance.now() + 2000;
    while (broker.connections > 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(broker.connections, 0);
  });
});

describe("kafkajs with brokers that are given by IPv6 addresses", () => {
  const broker = new FakeBroker();
  before(() => broker.start("::1"));
  after(() => broker.stop());

  async function connect(options: Pick<KafkaConfig, "brokers" | "socketFactory">): Promise<void> {
    const retry = { retries: 0 };
    const kafka = new kafkajs.Kafka({ clientId: "pin", logLevel: kafkajs.logLevel.NOTHING, retry, ...options });
    const request = { apiKey: METADATA, apiVersion: 12, apiName: "Metadata", body: Buffer.from("x"), decode: String };
    assert.equal(await sendToController(kafka, request), "x");
  }

  it("is needed: kafkajs cannot read an IPv6 address", async () => {
    await assert.rejects(connect({ brokers: [`[::1]:${broker.port}`] }));
  });

  it("connects to an IPv6 address, and to one that a broker announces", async () => {
    const before = broker.requests.length;
    await connect({ brokers: [nameOfBroker(`[::1]:${broker.port}`)], socketFactory: openBrokerSocket });
    assert.ok(broker.requests.length > before);
  });

  it("shows the address instead of its name, and leaves other brokers as they are", () => {
    const name = nameOfBroker("[2001:DB8::2]:9092");
    assert.equal(withAddresses(`connect ECONNREFUSED ${name}`), "connect ECONNREFUSED [2001:db8::2]:9092");
    assert.equal(nameOfBroker("kafka-1.example:9092"), "kafka-1.example:9092");
  });
});
