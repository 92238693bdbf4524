/** Owns the request for a seat in an open match, past the SDK: what is asked, what is answered, and where the seat's socket is. */
import { networkRefusal, refusalOf } from "./refusalOf.ts";

const TIMEOUT_MS = 20_000;

export interface Seat {
  readonly roomId: string;
  readonly processId: string;
  readonly sessionId: string;
  readonly publicAddress?: string;
}

/** Rejects with a `Refusal`. */
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
    throw networkRefusal(error);
  }
  const answer = (await response.json().catch(() => ({}))) as Seat & { code?: number };
  if (!response.ok) throw refusalOf(answer.code ?? response.status);
  return answer;
}

/** Of the socket that takes up the seat. */
export function socketAddress(url: string, { publicAddress, processId, roomId, sessionId }: Seat): string {
  const base = url.replace(/^http/, "ws");
  const host = publicAddress === undefined ? base : `${base.split("://")[0]}://${publicAddress}`;
  return `${host}/${processId}/${roomId}?sessionId=${sessionId}`;
}
