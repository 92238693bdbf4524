/**
 * Sends what operators write to the clients of all processes: on their sockets, through a channel that all processes have subscribed to,
 * and on their streams of `/live`. Each client gets it at most once on each: a client that is not connected misses it.
 */
import { randomUUID } from "node:crypto";
import { matchMaker, type Presence } from "@colyseus/core";
import type { ConnectedClients } from "../../../rooms/ConnectedClients.ts";
import type { OperatorText, OperatorTextKind } from "../../../schema/operatorMessages.ts";
import type { LiveEntry } from "../../pipeline/sinks/live/LiveFeed.ts";
import { operatorEntry } from "../../pipeline/sinks/live/ownEntries.ts";

const CHANNEL = "operatortexts";
/** Processes answer at once. One that has died is still listed for a while. */
const ANSWERS_WITHIN_MS = 2000;

/** How many processes, and clients on their sockets, a text has reached. */
export interface Reached {
  readonly processes: number;
  readonly clients: number;
}

interface Envelope {
  /** Null: everyone. */
  readonly player: string | null;
  readonly text: OperatorText;
  /** The channel to which each process publishes its `Answer`. */
  readonly answerTo: string;
}

interface Answer {
  readonly processId: string;
  readonly clients: number;
}

interface OperatorMessagesDeps {
  readonly presence: Presence;
  readonly clients: Pick<ConnectedClients, "send">;
  /** Adds entries to the live feed. */
  readonly publish: (entries: readonly LiveEntry[]) => Promise<void>;
  /** Unix ms. */
  readonly now: () => number;
  readonly withinMs?: number;
}

export class OperatorMessages {
  readonly #deps: OperatorMessagesDeps;

  constructor(deps: OperatorMessagesDeps) {
    this.#deps = deps;
  }

  /** Call it once. From then on, texts of any process reach the clients of this one. */
  async start(): Promise<void> {
    await this.#deps.presence.subscribe(CHANNEL, (envelope: Envelope) => {
      // The process that asked then counts this one as not reached.
      this.#deliver(envelope).catch(() => {});
    });
  }

  /**
   * Sends to one player, or to everyone if `player` is null. Rejects if no process has answered, or the live feed is unavailable: the
   * text may still have reached some clients.
   */
  async send(player: string | null, text: string): Promise<Reached> {
    const { publish, now } = this.#deps;
    const sent = { text, at: now() };
    const [reached] = await Promise.all([this.#sendToSockets(player, sent), publish([operatorEntry(player, sent)])]);
    if (reached.processes === 0) throw new Error("no process has answered");
    return reached;
  }

  async #sendToSockets(player: string | null, text: OperatorText): Promise<Reached> {
    const { presence, withinMs = ANSWERS_WITHIN_MS } = this.#deps;
    const listed = await matchMaker.stats.fetchAll();
    const awaited = new Set([matchMaker.processId, ...listed.map(({ processId }) => processId)]);
    const answers = new Map<string, number>();
    const answered = Promise.withResolvers<void>();
    const answerTo = `${CHANNEL}:${randomUUID()}`;
    await presence.subscribe(answerTo, ({ processId, clients }: Answer) => {
      answers.set(processId, clients);
      awaited.delete(processId);
      if (awaited.size === 0) answered.resolve();
    });
    const timer = setTimeout(answered.resolve, withinMs);
    await presence.publish(CHANNEL, { player, text, answerTo } satisfies Envelope);
    await answered.promise;
    clearTimeout(timer);
    await presence.unsubscribe(answerTo);
    return { processes: answers.size, clients: [...answers.values()].reduce((sum, clients) => sum + clients, 0) };
  }

  async #deliver({ player, text, answerTo }: Envelope): Promise<void> {
    const { presence } = this.#deps;
    const kind: OperatorTextKind = player === null ? "announce" : "operator_message";
    const clients = await this.#deps.clients.send(player, kind, text);
    await presence.publish(answerTo, { processId: matchMaker.processId, clients } satisfies Answer);
  }
}
