/** The clients that are connected to the rooms of this process, to send them what operators write. */
import type { Client } from "@colyseus/core";
import type { OperatorText, OperatorTextKind } from "../schema/operatorMessages.ts";

/** Ticks come first: after each part of this many clients, everything else that is due runs. */
const CLIENTS_A_TURN = 50;

export class ConnectedClients {
  /** The player of each client. A client that reconnects is another object. */
  readonly #players = new Map<Client, string>();

  add(client: Client, player: string): void {
    this.#players.set(client, player);
  }

  remove(client: Client): void {
    this.#players.delete(client);
  }

  /** Sends to the clients of `player`, or to all if it is null. Resolves to their number. */
  async send(player: string | null, kind: OperatorTextKind, text: OperatorText): Promise<number> {
    const players = this.#players;
    const addressed = [...players].flatMap(([client, own]) => (player === null || own === player ? [client] : []));
    let sent = 0;
    for (let from = 0; from < addressed.length; from += CLIENTS_A_TURN) {
      if (from > 0) await new Promise(setImmediate);
      for (const client of addressed.slice(from, from + CLIENTS_A_TURN)) {
        // It may have left meanwhile.
        if (!players.has(client)) continue;
        client.send(kind, text);
        sent++;
      }
    }
    return sent;
  }
}
