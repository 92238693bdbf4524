import type { IncomingMessage } from "node:http";
import { GuessLimits } from "../../../src/api/operators/GuessLimits.ts";
import { Operators } from "../../../src/api/operators/Operators.ts";
import { Passwords } from "../../../src/players/identity/Passwords.ts";

/** The address of requests that do not say another one. */
export const HERE = "192.0.2.1";

export const basic = (user: string, password: string): string => `Basic ${btoa(`${user}:${password}`)}`;

export const requestWith = (authorization?: string, more: object = {}): IncomingMessage =>
  ({ headers: { authorization, ...more } }) as unknown as IncomingMessage;

type Deps = ConstructorParameters<typeof Operators>[0];

/** Operators with cheap passwords and the limits of one process. By default there are none. */
export function testOperators(parts: Partial<Deps> = {}): Operators {
  return new Operators({
    ...{ admin: null, file: null, issuer: null, passwords: new Passwords({ logN: 4, r: 1, p: 1 }) },
    guesses: new GuessLimits({ redis: null, namespace: "" }),
    onRefused() {},
    ...parts,
  });
}
