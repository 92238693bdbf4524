/**
 * Requests to the REST API, with the token if there is one. If a request fails, the call rejects with the SDK's error, which
 * `problems.ts` turns into a text for the player.
 */
import type { Client } from "@colyseus/sdk";
import type { GameDescription } from "../../schema/gameList.ts";
import type { MatchHistoryPage, MatchResult, Me, Profile, Ranking } from "../../schema/restAnswers.ts";

const ROOT = "/api/v1";

export class Rest {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** The games of the installation. Requests that name none mean the first one. */
  games(): Promise<{ readonly games: readonly GameDescription[] }> {
    return this.get("/games");
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

  /** The matches of a player, newest first; `before` is the `next` of the previous page. */
  matchHistory(playerId: string, limit: number, before: string | null = null): Promise<MatchHistoryPage> {
    const path = `/players/${encodeURIComponent(playerId)}/matches`;
    return this.get(path, { limit, ...(before !== null && { before }) });
  }

  match(id: string): Promise<MatchResult> {
    return this.get(`/matches/${encodeURIComponent(id)}`);
  }

  me(signal?: AbortSignal): Promise<Me> {
    return this.get("/me", {}, signal);
  }

  async rename(name: string, signal?: AbortSignal): Promise<Me> {
    const { data } = await this.client.http.patch(`${ROOT}/me`, { body: { name }, signal });
    return data;
  }

  /** All stored data of the player. */
  export(): Promise<unknown> {
    return this.get("/me/export");
  }

  /** Revokes all tokens of the player, including the current one. */
  async revokeSessions(): Promise<void> {
    await this.client.http.post(`${ROOT}/me/sessions/revoke`);
  }

  async deleteMe(): Promise<void> {
    await this.client.http.delete(`${ROOT}/me`);
  }

  private async get<T>(path: string, query: Record<string, string | number> = {}, signal?: AbortSignal): Promise<T> {
    const { data } = await this.client.http.get(`${ROOT}${path}`, { query, signal });
    return data as T;
  }
}
