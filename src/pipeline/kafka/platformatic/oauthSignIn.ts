/**
 * Signs in to the brokers with tokens (SASL OAUTHBEARER, RFC 7628). A broker refuses a token by an answer that contains the reason.
 * The library's own sign-in reads this answer only if it is given a function for that, which does not learn the broker's address.
 */
import type { SASLCustomAuthenticator } from "@platformatic/kafka";
import { OauthTokens, refusalOfToken, signInRequest } from "../OauthTokens.ts";
import type { KafkaOauth } from "../security.ts";

export function oauthSignIn(options: KafkaOauth): SASLCustomAuthenticator {
  const tokens = new OauthTokens(options);
  return async (_mechanism, connection, authenticate, _username, _password, _token, callback) => {
    try {
      const response = await authenticate.async(connection, signInRequest(await tokens.get()));
      if (response.authBytes.length === 0) return callback(null, response);
      tokens.forget();
      const broker = `${connection.host}:${connection.port}`;
      callback(refusalOfToken(options, broker, response.authBytes.toString()));
    } catch (error) {
      callback(error as Error);
    }
  };
}
