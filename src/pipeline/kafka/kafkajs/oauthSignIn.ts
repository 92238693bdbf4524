/**
 * Signs in to the brokers with tokens (SASL OAUTHBEARER, RFC 7628). The mechanism of kafkajs is not used: a broker refuses a token by
 * an answer that contains the reason, and kafkajs 2.2.4 (`src/broker/saslAuthenticator/oauthBearer`) treats this answer as success. All
 * later requests then fail, without a reason.
 */
import type { Mechanism } from "kafkajs";
import { OauthTokens, refusalOfToken, signInRequest } from "../OauthTokens.ts";
import type { KafkaOauth } from "../security.ts";

export function oauthSignIn(options: KafkaOauth): Mechanism {
  const tokens = new OauthTokens(options);
  return {
    mechanism: options.mechanism,
    authenticationProvider: ({ host, port, saslAuthenticate }) => ({
      async authenticate() {
        const request = requestOf(await tokens.get());
        const refusal = await saslAuthenticate({
          request: { encode: () => request },
          response: { decode: (bytes) => bytes, parse: textOf },
        });
        if (!refusal) return;
        tokens.forget();
        throw refusalOfToken(options, `${host}:${port}`, refusal);
      },
    }),
  };
}

/** The bytes with their length in front, as in Kafka's protocol. */
function requestOf(token: string): Buffer {
  const message = signInRequest(token);
  const length = Buffer.alloc(4);
  length.writeInt32BE(message.length);
  return Buffer.concat([length, message]);
}

/** The text after its length; empty if the broker accepts the token. */
const textOf = (bytes: Buffer): string => bytes.subarray(4).toString("utf8");
