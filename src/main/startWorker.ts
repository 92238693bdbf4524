/** The program without rooms and players: relay, sinks, or both, and what tells whether they are well. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Logger } from "pino";
import type { Config } from "../config/readConfig.ts";
import { loadGames } from "./loadGames.ts";
import { Metrics } from "./metrics.ts";
import { openBackstage } from "./openBackstage.ts";
import { LatenessWindow } from "./publishStats.ts";
import { addHealthRoutes } from "./routes.ts";
import { shownHost } from "./shownHost.ts";
import type { Running } from "./startServer.ts";

export async function startWorker(config: Config, log: Logger): Promise<Pick<Running, "port" | "address" | "stop">> {
  const games = await loadGames(config.games);
  const metrics = new Metrics();
  const backstage = await openBackstage({ config, games, metrics, lateness: new LatenessWindow(), log });
  const app = express();
  addHealthRoutes(app, metrics, backstage);
  const server = http.createServer(app);
  try {
    server.listen(config.port, config.host);
    await once(server, "listening");
  } catch (error) {
    await backstage.stop();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  return {
    port,
    address: `http://${shownHost(config.host)}:${port}/readyz`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await backstage.stop();
    },
  };
}
