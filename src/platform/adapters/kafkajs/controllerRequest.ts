/**
 * Sends a request of Kafka's protocol that kafkajs does not know over a connection of kafkajs: addresses, TLS and sign-in stay its own.
 *
 * Reason: kafkajs speaks no version of the metadata request that carries the ids of topics.
 * Remove when: kafkajs offers the ids of topics, or a way to send a request of one's own.
 */
import type { Kafka } from "kafkajs";

interface Cluster {
  connect(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  disconnect(): Promise<void>;
  findControllerBroker(): Promise<{ connectionPool: { send(protocol: object): Promise<unknown> } }>;
}

export interface ProtocolRequest<Answer> {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** For kafkajs's log. */
  readonly apiName: string;
  /** All that follows the client id in the request's header, beginning with the header's tagged fields where the version has them. */
  readonly body: Buffer;
  /** `answer`: all that follows the correlation id. */
  decode(answer: Buffer): Answer;
}

/** Asks the controller of the cluster, on a connection made for this request. Rejects as kafkajs's own requests do. */
export async function sendToController<Answer>(kafka: Kafka, request: ProtocolRequest<Answer>): Promise<Answer> {
  const cluster = createCluster(kafka);
  await cluster.connect();
  try {
    await cluster.refreshMetadataIfNecessary();
    const broker = await cluster.findControllerBroker();
    const { apiKey, apiVersion, apiName, body } = request;
    const answer = await broker.connectionPool.send({
      // The shape of kafkajs's encoder, as far as its connection uses it.
      request: { apiKey, apiVersion, apiName, encode: async () => ({ buf: body, buffer: body }) },
      response: { decode: async (raw: Buffer) => request.decode(raw), parse: async (decoded: unknown) => decoded },
    });
    return answer as Answer;
  } finally {
    await cluster.disconnect();
  }
}

function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find((own) => own.description?.endsWith(":createCluster"))!;
  return (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol]({
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
  });
}
