/** The program without rooms and players: relay, sinks, or both, and what tells whether they are well. */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "pino";
import { openHealth } from "../../api/openHealth.ts";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Running } from "../game/startServer.ts";
import { loadGames } from "../loadGames.ts";
import { Metrics } from "../metrics/metrics.ts";
import { LatenessWindow } from "../metrics/publishStats.ts";
import { shownHost } from "../processes/shownHost.ts";
import { openBackstage } from "./openBackstage.ts";

export async function startWorker(config: Config, log: Logger): Promise<Pick<Running, "port" | "address" | "stop">> {
  const games = await loadGames(config.games);
  const metrics = new Metrics();
  const backstage = await openBackstage({ config, games, metrics, lateness: new LatenessWindow(), log });
  const api = openHealth({
    ...{ metrics: metrics.registry, problems: backstage.problems },
    ...{ corsOrigins: config.corsOrigins, trustedProxies: config.trustedProxies },
    serveLive: (request, response, listener) => backstage.live.handle(request, response, listener),
    onError: (error, where) => log.error({ err: error, where }, "the API failed"),
  });
  const server = http.createServer((request, response) => void api.handle(request, response));
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
