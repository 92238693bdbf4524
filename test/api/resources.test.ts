import assert from "node:assert/strict";
import { describeGame } from "../../src/api/games.ts";
import { arena } from "../../src/arena/game.ts";
import { recordMatches } from "../../src/players/database/recordMatches.ts";
import { finishedMatch } from "../players/database/finishedMatch.ts";
import { useApi } from "./useApi.ts";

const ARENA = { name: "arena", modes: ["duel", "squad", "ffa"], roleCount: 1 };
const TAG = { name: "tag", modes: ["duel", "crowd"], roleCount: 1 };

describe("the REST API", () => {
  const use = useApi({ games: [ARENA, TAG] });

  async function play(...players: Parameters<typeof finishedMatch>) {
    const match = finishedMatch(...players);
    await use().sql.transaction((tx) => recordMatches(tx, [match]));
    await use().api.rankings.refresh();
    return match;
  }

  it("shows a finished match in ranking, profile, match history and result", async () => {
    const api = use();
    const [a, b] = [await api.account("a@example.com", "Ada"), await api.anonymous()];
    await api.get("/api/v1/me", { token: b.token });
    const match = await play([{ player: a.id }, { player: b.id }]);

    const ranking = await api.get("/api/v1/rankings?mode=duel");
    assert.deepEqual(ranking, {
      game: "arena",
      mode: "duel",
      season: 1,
      total: 2,
      entries: [
        { rank: 1, playerId: a.id, name: "Ada", rating: 1520, games: 1, wins: 1, losses: 0, provisional: true },
        { rank: 2, playerId: b.id, name: null, rating: 1480, games: 1, wins: 0, losses: 1, provisional: true },
      ],
    });
    const around = await api.get(`/api/v1/rankings/around/${b.id}?mode=duel&radius=0`);
    assert.deepEqual(around.entries, ranking.entries.slice(1));

    const profile = await api.get(`/api/v1/players/${a.id}`);
    assert.equal(profile.name, "Ada");
    assert.deepEqual(profile.totals, { games: 1, wins: 1, losses: 0 });
    assert.equal(profile.ratings[0].rating, 1520);
    assert.equal(profile.ratings[0].provisional, true);

    const { matches, next } = await api.get(`/api/v1/players/${a.id}/matches`);
    assert.equal(next, null);
    assert.equal(matches[0].match.id, match.matchId);
    assert.equal(matches[0].ratingChange, 20);

    const result = await api.get(`/api/v1/matches/${match.matchId}`);
    assert.deepEqual(
      result.participants.map((one: any) => [one.playerId, one.name, one.ratingBefore, one.ratingChange]),
      [
        [a.id, "Ada", 1500, 20],
        [b.id, null, 1500, -20],
      ],
    );
  });

  it("lists a match history in pages by an opaque cursor, newest first, each match exactly once", async () => {
    const api = use();
    const [a, b] = [await api.anonymous(), await api.anonymous()];
    await api.get("/api/v1/me", { token: a.token });
    const played: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { matchId } = await play([{ player: a.id }, { player: b.id }], { at: Date.now() - 1e6 + i * 1000 });
      played.unshift(matchId);
    }
    const seen: string[] = [];
    let before = "";
    do {
      const page = await api.get(`/api/v1/players/${a.id}/matches?limit=2${before}`);
      seen.push(...page.matches.map(({ match }: any) => match.id));
      before = page.next === null ? "" : `&before=${page.next}`;
    } while (before !== "");
    assert.deepEqual(seen, played);
  });

  it("answers a known ETag with 304, and allows caching of rankings for a second", async () => {
    const api = use();
    const first = await api.ask("GET", "/api/v1/rankings?mode=ffa");
    assert.equal(first.headers["cache-control"], "public, max-age=1");
    const again = await api.ask("GET", "/api/v1/rankings?mode=ffa", {
      headers: { "if-none-match": `"x", W/${first.headers.etag}` },
    });
    assert.equal(again.status, 304);
    assert.equal(again.text, "");
  });

  it("reports every failure as a problem with a stable type", async () => {
    const api = use();
    const cases: [string, string, number, string][] = [
      ["GET", "/api/v1/rankings", 400, "INPUT_INVALID"],
      ["GET", "/api/v1/rankings?mode=duel&limit=101", 400, "INPUT_INVALID"],
      ["GET", "/api/v1/rankings?mode=duel&mode=ffa", 400, "INPUT_INVALID"],
      ["GET", "/api/v1/rankings?mode=duel&season=9", 404, "SEASON_UNKNOWN"],
      ["GET", "/api/v1/rankings/around/nobody?mode=duel", 404, "NOT_RANKED"],
      ["GET", "/api/v1/players/nobody", 404, "PLAYER_UNKNOWN"],
      ["GET", "/api/v1/matches/00000000-0000-7000-8000-000000000000", 404, "MATCH_UNKNOWN"],
      ["GET", "/api/v1/matches/00000000-0000-7000-8000-000000000000/replay", 404, "RECORDING_UNKNOWN"],
      ["GET", "/api/v1/nothing", 404, "ROUTE_UNKNOWN"],
      ["DELETE", "/api/v1/rankings", 405, "METHOD_NOT_ALLOWED"],
      ["GET", "/api/v1/me", 401, "TOKEN_MISSING"],
    ];
    for (const [method, url, status, code] of cases) {
      const reply = await api.ask(method, url);
      assert.equal(reply.status, status, `${url} ${reply.text}`);
      assert.equal(reply.headers["content-type"], "application/problem+json");
      assert.equal(reply.body.code, code);
      assert.equal(reply.body.type, `urn:hypogeum:problem:${code.toLowerCase().replaceAll("_", "-")}`);
      assert.equal(reply.body.status, status);
    }
  });

  it("serves seasons, health, readiness, metrics, its OpenAPI document and a page to browse it", async () => {
    const api = use();
    assert.equal((await api.get("/api/v1/seasons")).seasons[0].id, 1);
    const { games } = await api.get("/api/v1/games");
    assert.deepEqual(games, [describeGame(arena)]);
    for (const url of ["/healthz", "/readyz", "/metrics", "/docs", "/docs/swagger-ui-bundle.js"]) await api.get(url);
    const document = await api.get("/openapi.json");
    assert.ok(document.paths["/api/v1/rankings/around/{playerId}"].get);
    const page = await api.ask("GET", "/docs");
    assert.doesNotMatch(page.text, /https?:/);
  });

  it("allows calls from a configured origin, and answers its preflight request", async () => {
    const reply = await use().ask("OPTIONS", "/api/v1/me", {
      headers: { origin: "https://play.example.com", "access-control-request-method": "PATCH" },
    });
    assert.equal(reply.status, 204);
    assert.equal(reply.headers["access-control-allow-origin"], "https://play.example.com");
    assert.match(reply.headers["access-control-allow-methods"], /PATCH/);
  });

  it("lists a player's ratings and matches of one game, the first one unless the request names another", async () => {
    const api = use();
    const [a, b] = [await api.anonymous(), await api.anonymous()];
    const players = [{ player: b.id }, { player: a.id }];
    for (const { token } of [a, b]) await api.get("/api/v1/me", { token });
    const ofArena = await play(players, { at: Date.now() - 2000 });
    const ofTag = await play([...players].reverse(), { game: "tag", at: Date.now() - 1000 });

    for (const [game, query, match, wins] of [
      ["arena", "", ofArena, 0],
      ["arena", "game=arena", ofArena, 0],
      ["tag", "game=tag", ofTag, 1],
    ] as const) {
      const profile = await api.get(`/api/v1/players/${a.id}?${query}`);
      assert.deepEqual(
        profile.ratings.map((one: any) => [one.game, one.mode, one.rating]),
        [[game, "duel", wins === 1 ? 1520 : 1480]],
      );
      assert.deepEqual(profile.totals, { games: 1, wins, losses: 1 - wins });
      assert.deepEqual((await api.get(`/api/v1/me?${query}`, { token: a.token })).ratings, profile.ratings);
      for (const mode of ["", "&mode=duel"]) {
        const { matches } = await api.get(`/api/v1/players/${a.id}/matches?${query}${mode}`);
        assert.deepEqual(
          matches.map((entry: any) => [entry.match.id, entry.match.game]),
          [[match.matchId, game]],
        );
      }
      const { entries, ...board } = await api.get(`/api/v1/rankings/around/${a.id}?mode=duel&radius=0&${query}`);
      assert.deepEqual([board.game, entries[0].rating], [game, profile.ratings[0].rating]);
    }
    assert.equal((await api.get("/api/v1/rankings?game=tag&mode=duel")).total, 2);
    const exported = await api.get("/api/v1/me/export", { token: a.token });
    assert.deepEqual(exported.ratings.map(({ game }: any) => game).sort(), ["arena", "tag"]);
    assert.equal(exported.matches.length, 2);
  });

  it("refuses an unknown game, and a mode of another game", async () => {
    const { id } = await use().anonymous();
    for (const path of [
      "rankings?mode=duel",
      `rankings/around/${id}?mode=duel`,
      `players/${id}?`,
      `players/${id}/matches?`,
    ]) {
      const { status, body } = await use().ask("GET", `/api/v1/${path}&game=chess`);
      assert.deepEqual([status, body.code], [400, "INPUT_INVALID"]);
      assert.match(body.detail, /query\.game: .*"arena"\|"tag"/);
    }
    for (const path of ["rankings", `rankings/around/${id}`, `players/${id}/matches`]) {
      const { status, body } = await use().ask("GET", `/api/v1/${path}?game=tag&mode=squad`);
      assert.equal(status, 400);
      assert.match(body.detail, /^query\.mode: the game tag has no mode squad: expected one of duel, crowd$/);
    }
  });

  it("exports a player's own data, without the e-mail address", async () => {
    const api = use();
    const a = await api.account("export@example.com", "Exporter");
    const reply = await api.ask("GET", "/api/v1/me/export", { token: a.token });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(
      reply.body.identities.map((one: any) => one.provider),
      ["email"],
    );
    assert.doesNotMatch(reply.text, /export@/);
  });
});
