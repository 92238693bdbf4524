/**
 * Owns what the page asks of the REST API, and the parts of its answers that the page shows. The token goes along where
 * there is one. Every call throws what the SDK throws; `problems.ts` words it.
 */
import type { Client } from "@colyseus/sdk";

export interface RankingEntry {
  readonly rank: number;
  readonly playerId: string;
  readonly name: string | null;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
}

export interface Ranking {
  readonly total: number;
  readonly entries: readonly RankingEntry[];
}

export interface Rating {
  readonly mode: string;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
}

export interface Profile {
  readonly id: string;
  readonly name: string | null;
  readonly kind: "anonymous" | "account";
  readonly ratings: readonly Rating[];
}

export interface MatchResult {
  readonly id: string;
  readonly mode: string;
  readonly rated: boolean;
  readonly reason: string;
  readonly teamScores: readonly number[];
  /** RFC 3339. */
  readonly createdAt: string;
  readonly endedAt: string;
}

export interface Standing {
  readonly team: number;
  readonly role: number;
  /** 1 is best; equal places are a draw. */
  readonly place: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly left: boolean;
  /** Null where the match was not rated. */
  readonly ratingBefore: number | null;
  readonly ratingChange: number | null;
}

export interface Participant extends Standing {
  readonly seat: number;
  readonly playerId: string;
  readonly name: string | null;
  readonly bot: boolean;
}

export interface RecordEntry extends Standing {
  readonly match: MatchResult;
}

export interface RecordPage {
  readonly matches: readonly RecordEntry[];
  /** `before` of the next page; null at the end. */
  readonly next: string | null;
}

const ROOT = "/api/v1";

export class Rest {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  ranking(mode: string, limit: number): Promise<Ranking> {
    return this.get("/rankings", { mode, limit });
  }

  rankingAround(playerId: string, mode: string, radius: number): Promise<Ranking> {
    return this.get(`/rankings/around/${encodeURIComponent(playerId)}`, { mode, radius });
  }

  player(id: string): Promise<Profile> {
    return this.get(`/players/${encodeURIComponent(id)}`);
  }

  /** The record of a player, newest first; `before` is the `next` of the page before. */
  record(playerId: string, limit: number, before: string | null = null): Promise<RecordPage> {
    const path = `/players/${encodeURIComponent(playerId)}/matches`;
    return this.get(path, { limit, ...(before !== null && { before }) });
  }

  match(id: string): Promise<MatchResult & { readonly participants: readonly Participant[] }> {
    return this.get(`/matches/${encodeURIComponent(id)}`);
  }

  me(signal?: AbortSignal): Promise<Profile> {
    return this.get("/me", {}, signal);
  }

  async rename(name: string, signal?: AbortSignal): Promise<Profile> {
    const { data } = await this.client.http.patch(`${ROOT}/me`, { body: { name }, signal });
    return data;
  }

  private async get<T>(path: string, query: Record<string, string | number> = {}, signal?: AbortSignal): Promise<T> {
    const { data } = await this.client.http.get(`${ROOT}${path}`, { query, signal });
    return data as T;
  }
}
