/**
 * Owns a TCP line between browser and server that can be cut and mended. A cut ends every open connection without a
 * goodbye and refuses new ones, as a dead network does.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Cable {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private intact = true;
  /** Whether it was ever cut: a browser goes on to report broken connections after the line is whole again. */
  wasCut = false;

  private constructor(serverPort: number) {
    this.server = createServer((near) => {
      if (!this.intact) {
        near.destroy();
        return;
      }
      const far = connect(serverPort, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ]) {
        this.sockets.add(one);
        one.on("error", () => one.destroy());
        one.on("close", () => {
          this.sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }

  static async lay(serverPort: number): Promise<Cable> {
    const cable = new Cable(serverPort);
    await new Promise<void>((resolve) => cable.server.listen(0, "127.0.0.1", resolve));
    return cable;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    this.intact = false;
    this.wasCut = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.intact = true;
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
