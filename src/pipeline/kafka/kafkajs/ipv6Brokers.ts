/**
 * Lets kafkajs connect to brokers that are given by their IPv6 addresses. Such an address is passed to kafkajs as a name without a
 * colon, and read back when a socket is opened. The addresses that brokers announce need no name.
 *
 * Reason: kafkajs 2.2.4 (`src/cluster/connectionPoolBuilder`) splits `host:port` at the first colon.
 * Remove when: kafkajs reads `[::1]:9092`.
 */
import net from "node:net";
import tls from "node:tls";
import type { ISocketFactoryArgs } from "kafkajs";
import { withoutBrackets } from "../../../platform/config/addresses.ts";

/** The suffix with which Windows writes IPv6 addresses as names. */
const SUFFIX = ".ipv6-literal.net";
const NAME = /([0-9a-f.-]+)\.ipv6-literal\.net/g;
const KEEP_ALIVE_MS = 60_000;

/** `broker`: `host:port`, with an IPv6 address in brackets. */
export function nameOfBroker(broker: string): string {
  return broker.replace(/^\[(.*)\]/, (_, address: string) => `${address.toLowerCase().replaceAll(":", "-")}${SUFFIX}`);
}

/** `text` with the addresses instead of their names, in brackets. */
export function withAddresses(text: string): string {
  return text.replace(NAME, (_, name: string) => `[${name.replaceAll("-", ":")}]`);
}

/** Opens sockets as kafkajs does, but replaces such a name by its address. */
export function openBrokerSocket({ host: given, port, ssl, onConnect }: ISocketFactoryArgs): net.Socket {
  const host = withoutBrackets(withAddresses(given));
  const servername = net.isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? tls.connect({ host, port, ...servername, ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
}
