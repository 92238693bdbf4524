/**
 * Joins rooms without the sign-in token in the URL of the WebSocket, where proxies log it: the client with the token reserves a
 * seat, and a second client without one takes it. The session id of the seat is enough for that.
 */
import { Client, type Room, type SeatReservation } from "@colyseus/sdk";

export class SeatClient {
  private readonly client: Client;
  private readonly withoutToken: Client;

  /** `client` has the token. */
  constructor(client: Client) {
    this.client = client;
    this.withoutToken = new Client({ ...client.settings });
  }

  /** The `joinOrCreate`, `create` and `joinById` of the SDK. */
  async join(method: "joinOrCreate" | "create" | "joinById", target: string, options: object): Promise<Room> {
    return this.take(await this.reserve(method, target, options));
  }

  /** The `reconnect` of the SDK. */
  async reconnect(reconnectionToken: string): Promise<Room> {
    const [roomId, token] = reconnectionToken.split(":");
    const seat = await this.reserve("reconnect", roomId, { reconnectionToken: token });
    return this.take({ ...seat, reconnectionToken: token });
  }

  take(seat: SeatReservation): Promise<Room> {
    // The SDK gives each new client the stored token.
    this.withoutToken.http.authToken = undefined;
    return this.withoutToken.consumeSeatReservation(seat);
  }

  private async reserve(method: string, target: string, body: object): Promise<SeatReservation> {
    const { data } = await this.client.http.post(`/matchmake/${method}/${target}`, { body });
    return data;
  }
}
