/**
 * The room with which tests pin the framework's behaviour. It records the calls of its hooks. Only the test steps it and sends
 * patches.
 */
import { type Client, Room } from "@colyseus/core";
import { schema, t } from "@colyseus/schema";

export const State = schema({ n: t.uint32().default(0) }, "PinState");
const Input = schema({ a: t.int8().default(0) }, "PinInput");

/** Sends patches only on `broadcastPatch`, as match rooms do. */
export class PinRoom extends Room<any> {
  story: string[] = [];
  override inputs = this.defineInput(Input, { tickRate: 20, bufferMaxSize: 4 });

  override onCreate(): void {
    this.state = new State();
    this.allowRewindState().attachAll([] as never, { fields: [] });
    this.setTimestep(() => {}, 2 ** 31 - 1);
    this.patchRate = null as never;
  }

  override onJoin(client: Client, options: any, auth: any): void {
    this.story.push(
      `join ${JSON.stringify(options)} ${JSON.stringify(auth)} ${this.inputs.get(client.sessionId).size}`,
    );
  }

  override onDrop(client: Client, code: number): void {
    this.story.push(`drop ${code}`);
    this.held = this.allowReconnection(client, this.waitSeconds);
    this.held.catch(() => {});
  }

  override onReconnect(): void {
    this.story.push("reconnect");
  }

  override onLeave(_client: Client, code: number): void {
    this.story.push(`leave ${code}`);
  }

  held: any;
  waitSeconds: number | "manual" = "manual";
}
