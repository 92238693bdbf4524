/** Reserves a seat in an open match by HTTP, without the SDK. */
import { joinFailureOf, networkFailure } from "./joinFailureOf.ts";

const TIMEOUT_MS = 20_000;

export interface Seat {
  readonly roomId: string;
  readonly processId: string;
  readonly sessionId: string;
  readonly publicAddress?: string;
}

/** Rejects with a `JoinFailure` if the server refuses or the network fails. */
export async function reserveSeat(url: string, room: string, mode: string, token: string): Promise<Seat> {
  let response: Response;
  try {
    response = await fetch(`${url}/matchmake/joinOrCreate/${room}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ mode }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw networkFailure(error);
  }
  const answer = (await response.json().catch(() => ({}))) as Seat & { code?: number };
  if (!response.ok) throw joinFailureOf(answer.code ?? response.status);
  return answer;
}

/** The WebSocket URL at which the seat is claimed. */
export function socketAddress(url: string, { publicAddress, processId, roomId, sessionId }: Seat): string {
  const base = url.replace(/^http/, "ws");
  const host = publicAddress === undefined ? base : `${base.split("://")[0]}://${publicAddress}`;
  return `${host}/${processId}/${roomId}?sessionId=${sessionId}`;
}
