/** The API over a real PostgreSQL. Requests are passed in-process; no socket is opened. */
import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { Registry } from "prom-client";
import type { AdminMessage } from "../../schema/adminEvents.ts";
import type { PlayerMessage } from "../../schema/playerEvents.ts";
import { createRestApi, type Rest, type RestDeps } from "../../src/api/createRestApi.ts";
import { describeGame } from "../../src/api/games.ts";
import { Limits } from "../../src/api/limits.ts";
import { ActPublisher } from "../../src/api/operators/ActPublisher.ts";
import { GuessLimits } from "../../src/api/operators/GuessLimits.ts";
import { OperatorLog } from "../../src/api/operators/OperatorLog.ts";
import { Operators } from "../../src/api/operators/Operators.ts";
import { arena } from "../../src/arena/game.ts";
import { MemoryConduct } from "../../src/matchmaking/conduct/MemoryConduct.ts";
import { Pairer } from "../../src/matchmaking/pairing/Pairer.ts";
import { type TicketDeps, Tickets } from "../../src/matchmaking/Tickets.ts";
import { MemoryPool } from "../../src/matchmaking/waitingPool/MemoryPool.ts";
import { PgSql } from "../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { migrate } from "../../src/players/database/migrate.ts";
import { Passwords } from "../../src/players/identity/Passwords.ts";
import { elo } from "../../src/players/rating/elo.ts";
import { FakeMatchHost, noLog } from "../matchmaking/FakeMatchHost.ts";
import { newQuotas } from "../matchmaking/newQuotas.ts";
import { limitDatabase } from "../tools/services/leastPrivileges.ts";
import { useServices } from "../tools/services/useServices.ts";

export const SECRET = "a secret of thirty-two characters or more";
export const OPERATOR = { user: "op", password: "operator-password" };
export const CHEAP = { logN: 4, r: 1, p: 1 };

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: any;
}

export interface Ask {
  readonly body?: unknown;
  /** Sent unchanged, instead of `body`. */
  readonly raw?: string | Buffer;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly from?: string;
}

type TestApiOptions = Partial<RestDeps> & {
  readonly limitFactor?: number;
  /** ADMIN_USER and ADMIN_PASSWORD. */
  readonly admin?: { readonly user: string; readonly password: string } | null;
};

export class TestApi {
  readonly api: Rest;
  readonly sql: Sql;
  /** Ids of the players that were kicked from their rooms. */
  readonly kicked: string[] = [];
  /** What operators sent: the player, or null for everyone, and the text. */
  readonly texts: [playerId: string | null, text: string][] = [];
  /** Password reset tokens that were mailed, by address. */
  readonly sent = new Map<string, string>();
  readonly failures: unknown[] = [];
  /** How often this process was asked to stop. */
  drains = 0;
  /** What was published as `logs_admin`. */
  readonly acts: AdminMessage[] = [];
  /** What this process recorded as `logs_player`. */
  readonly recorded: PlayerMessage[] = [];
  /** How far the queue's clock is ahead, in ms. */
  aheadMs = 0;
  /** What a party's room answers to its leader's request to queue, by party code. */
  readonly parties = new Map<string, { entryId: string } | { refusal: string }>();
  readonly pool = new MemoryPool(() => Date.now() + this.aheadMs);
  readonly conduct = new MemoryConduct([30], () => Date.now() + this.aheadMs);
  /** Whether this process has joined the queue. */
  queueOpen = true;
  readonly publisher: ActPublisher;
  readonly tickets: Tickets;
  private readonly pairer: Pairer;

  constructor(sql: Sql, { limitFactor = 1000, admin = OPERATOR, ...parts }: TestApiOptions = {}) {
    this.sql = sql;
    const queue: TicketDeps = {
      ...{
        game: arena,
        pool: this.pool,
        conduct: this.conduct,
        matchHost: new FakeMatchHost(),
        publish() {},
        regions: ["local"],
      },
      queueParty: async (code) => this.parties.get(code) ?? null,
      now: () => Date.now() + this.aheadMs,
    };
    this.tickets = new Tickets(queue);
    this.pairer = new Pairer({ ...queue, owner: "test", log: noLog });
    const limits = new Limits({ redis: null, namespace: "", secrets: [SECRET], factor: limitFactor });
    this.publisher = new ActPublisher({
      sql,
      canAppend: () => true,
      append: async (acts) => void this.acts.push(...acts.map(({ message }) => message)),
      onFailed: (error) => this.failures.push(error),
      onSucceeded() {},
    });
    const guesses = new GuessLimits({ redis: null, namespace: "", factor: limitFactor });
    this.api = createRestApi({
      ...{
        sql,
        redis: null,
        namespace: "",
        secret: SECRET,
        acceptedSecrets: [],
        studios: [],
        algorithmOf: () => elo,
        games: [{ name: "arena", modes: Object.keys(arena.modes), roleCount: arena.roles.length }],
        described: [describeGame(arena)],
      },
      ...{ rankAnonymous: true, corsOrigins: ["*"], trustedProxies: [], version: "0" },
      ...{
        metrics: new Registry(),
        readiness: async () => ({ ready: true, problems: [], warnings: [] }),
        recordings: { open: async () => null },
      },
      serveLive: (_request, response) => void response.writeHead(200, { "content-type": "text/event-stream" }).end(),
      tickets: {
        regions: queue.regions,
        open: () => (this.queueOpen ? { tickets: this.tickets, admission: this.api.admission } : null),
      },
      backends: [],
      kick: async (playerId) => this.kicked.push(playerId),
      sendText: async (...sent) => {
        this.texts.push(sent);
        return { processes: 2, clients: 3 };
      },
      drain: () => void this.drains++,
      processName: "test",
      mail: {
        mailer: { send: async ({ to, text }) => void this.sent.set(to, /#reset\/([\w-]+)/.exec(text)![1]) },
        publicUrl: "https://play.example.com/",
      },
      onError: (error) => this.failures.push(error),
      ...{ checkResponses: true, passwordCost: CHEAP },
      limits,
      operators: new Operators({
        admin,
        file: null,
        issuer: null,
        passwords: new Passwords(CHEAP),
        guesses,
        onRefused() {},
      }),
      operatorLog: new OperatorLog({ sql, publisher: this.publisher, onRecorded() {} }),
      recordPlayer: (message) => void this.recorded.push(message),
      hideAddresses: (line) => line,
      quotas: newQuotas(),
      ...parts,
    });
  }

  async ask(
    method: string,
    url: string,
    { body, raw, token, headers = {}, from = "192.0.2.1" }: Ask = {},
  ): Promise<Reply> {
    const bytes = raw !== undefined ? Buffer.from(raw) : body === undefined ? null : Buffer.from(JSON.stringify(body));
    const socket = new Socket();
    Object.defineProperty(socket, "remoteAddress", { value: from });
    const request = new IncomingMessage(socket);
    Object.assign(request, { method, url });
    request.headers = {
      host: "localhost",
      ...(bytes && { "content-type": "application/json", "content-length": String(bytes.length) }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    };
    if (bytes) request.push(bytes);
    request.push(null);
    const response = new ServerResponse(request);
    const chunks: Buffer[] = [];
    const keep = (chunk: unknown) => chunk && typeof chunk !== "function" && chunks.push(Buffer.from(chunk as string));
    response.write = ((chunk: unknown) => {
      keep(chunk);
      return true;
    }) as never;
    const ended = new Promise<void>((resolve) => {
      response.end = ((chunk?: unknown) => {
        keep(chunk);
        resolve();
        return response;
      }) as never;
    });
    await this.api.handle(request, response);
    await ended;
    socket.destroy();
    const text = Buffer.concat(chunks).toString("utf8");
    const json = /json/.test(String(response.getHeader("content-type") ?? ""));
    const all = Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
    return { status: response.statusCode, headers: all, text, body: json && text !== "" ? JSON.parse(text) : null };
  }

  /** Pairs the waiting entries. Resolves once the matches are open. */
  async pair(): Promise<void> {
    await this.pairer.pass();
    await this.pairer.untilOpened();
  }

  async get(url: string, ask: Ask = {}): Promise<any> {
    const reply = await this.ask("GET", url, ask);
    assert.equal(reply.status, 200, reply.text);
    return reply.body;
  }

  async anonymous(): Promise<{ id: string; token: string }> {
    const { body } = await this.ask("POST", "/auth/anonymous", { body: {} });
    return { id: body.user.id, token: body.token };
  }

  async account(email: string, name?: string): Promise<{ id: string; token: string }> {
    const options = name === undefined ? {} : { name };
    const reply = await this.ask("POST", "/auth/register", { body: { email, password: "correct horse", options } });
    assert.equal(reply.status, 200, reply.text);
    return { id: reply.body.user.id, token: reply.body.token };
  }
}

/**
 * Call inside `describe`. The result gives a migrated database of this suite, from the first test on.
 * @param user who uses it: `server` has only the privileges that the server needs. `administrator` is for tests that change tables.
 */
export function useStore(user: "server" | "administrator" = "server"): () => Sql {
  const services = useServices("postgres");
  let sql: Sql | null = null;
  let url = "";
  before(async () => {
    url = await services().createDatabase();
    const ownUrl = user === "server" ? (await limitDatabase(url)).runtime : url;
    sql = new PgSql({ variable: "DATABASE_URL", url: ownUrl, connectionsMax: 8 });
    await migrate(sql);
  });
  after(async () => {
    await sql?.close();
    await services().dropDatabase(url);
  });
  return () => sql!;
}

export function useApi(parts: TestApiOptions = {}): () => TestApi {
  let api: TestApi | null = null;
  // Hooks run in the order of registration, so the API stops before `useStore` closes its database.
  after(async () => {
    await api?.publisher.stop();
    await api?.api.stop();
  });
  const store = useStore();
  before(async () => {
    api = new TestApi(store(), parts);
    await api.api.start();
  });
  after(() => assert.deepEqual(api?.failures ?? [], []));
  return () => api!;
}
