import type { IncomingMessage } from "node:http";
import { HttpServer } from "../../src/main/api/HttpServer.ts";

/** Call inside `describe`. The URLs with which the clients of each test opened WebSockets. */
export function recordUpgrades(): readonly string[] {
  const urls: string[] = [];
  const { emit } = HttpServer.prototype;
  before(() => {
    HttpServer.prototype.emit = function (event: string, ...args: any[]) {
      if (event === "upgrade") urls.push((args[0] as IncomingMessage).url!);
      return emit.call(this, event, ...args);
    };
  });
  beforeEach(() => void urls.splice(0));
  after(() => {
    HttpServer.prototype.emit = emit;
  });
  return urls;
}
