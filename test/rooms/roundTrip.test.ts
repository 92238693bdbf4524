import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { RoundTrip } from "../../rooms/match/RoundTrip.ts";

class Socket extends EventEmitter {
  terminated = 0;
  terminate(): void {
    this.terminated++;
  }
}

function createRoundTrip() {
  const socket = new Socket();
  return { socket, roundTrip: new RoundTrip(socket as never) };
}

describe("round trip", () => {
  it("is measured only by the answer to the latest ping", () => {
    const { socket, roundTrip } = createRoundTrip();
    roundTrip.onPingSent(Buffer.of(1));
    socket.emit("pong", Buffer.of(9));
    assert.equal(roundTrip.ms, 0);
    socket.emit("pong", Buffer.of(1));
    const { ms } = roundTrip;
    assert.ok(ms > 0);
    socket.emit("pong", Buffer.of(1));
    assert.equal(roundTrip.ms, ms, "an answer counts once");
  });

  it("terminates the connection when five pings in a row are unanswered", () => {
    const { socket, roundTrip } = createRoundTrip();
    for (let ping = 1; ping <= 4; ping++) roundTrip.onPingSent(Buffer.of(ping));
    socket.emit("pong", Buffer.of(4));
    for (let ping = 5; ping <= 8; ping++) roundTrip.onPingSent(Buffer.of(ping));
    assert.equal(socket.terminated, 0);
    roundTrip.onPingSent(Buffer.of(9));
    assert.equal(socket.terminated, 1);
  });
});
