/**
 * Sends a request of Kafka's protocol that kafkajs does not support. The request uses a connection of kafkajs, with the
 * addresses, TLS and authentication that kafkajs is configured with.
 *
 * Reason: kafkajs supports no version of the metadata request that returns the ids of topics.
 * Remove when: kafkajs returns the ids of topics, or can send a custom request.
 */
import type { Kafka } from "kafkajs";

interface Cluster {
  connect(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  disconnect(): Promise<void>;
  findControllerBroker(): Promise<{ connectionPool: { send(protocol: object): Promise<unknown> } }>;
}

export interface ProtocolRequest<Response> {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** For kafkajs's log. */
  readonly apiName: string;
  /** Everything after the client id in the request's header. Begins with the header's tagged fields if the version has them. */
  readonly body: Buffer;
  /** Decodes `response`, which is everything after the correlation id. */
  decode(response: Buffer): Response;
}

/** Sends the request to the controller of the cluster, on a new connection. Rejects with the errors of kafkajs's own requests. */
export async function sendToController<Response>(kafka: Kafka, request: ProtocolRequest<Response>): Promise<Response> {
  const cluster = createCluster(kafka);
  await cluster.connect();
  try {
    await cluster.refreshMetadataIfNecessary();
    const broker = await cluster.findControllerBroker();
    const { apiKey, apiVersion, apiName, body } = request;
    const response = await broker.connectionPool.send({
      // The part of kafkajs's encoder that its connection uses.
      request: { apiKey, apiVersion, apiName, encode: async () => ({ buf: body, buffer: body }) },
      response: { decode: async (raw: Buffer) => request.decode(raw), parse: async (decoded: unknown) => decoded },
    });
    return response as Response;
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
