/**
 * Owns listening to what the server tells this player alone (`GET /live?scope=me`), over losses of the line. It is read by `fetch`,
 * since an `EventSource` can carry no token.
 */

export interface OwnFeedParts {
  /** Of the server, with a slash at its end. */
  readonly address: string;
  /** Null while nobody is signed in: then nothing is asked. */
  token(): string | null;
  heard(event: string, data: any): void;
}

const AGAIN_MS = 3000;
const AGAIN_MS_MAX = 60_000;

export class OwnFeed {
  private readonly parts: OwnFeedParts;
  private lastId = "";
  /** One that the server refuses is not shown to it again. */
  private refused: string | null = null;

  constructor(parts: OwnFeedParts) {
    this.parts = parts;
  }

  /** Listens for as long as the page is there. */
  async listen(): Promise<never> {
    for (let waitMs = AGAIN_MS; ; ) {
      const token = this.parts.token();
      const heard = token === null || token === this.refused ? false : await this.once(token).catch(() => false);
      waitMs = heard || token === null ? AGAIN_MS : Math.min(AGAIN_MS_MAX, waitMs * 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Resolves when the stream ends; whether it had begun. */
  private async once(token: string): Promise<boolean> {
    const resume = this.lastId === "" ? "" : `&lastEventId=${this.lastId}`;
    const answer = await fetch(`${this.parts.address}api/v1/live?scope=me${resume}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (answer.status === 401) this.refused = token;
    if (!answer.ok || answer.body === null) return false;
    let unread = "";
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (unread + part.value).split("\n\n");
      unread = blocks.pop()!;
      for (const block of blocks) this.hear(block);
      // Somebody else plays here now.
      if (this.parts.token() !== token) await reader.cancel();
    }
    return true;
  }

  private hear(block: string): void {
    const fields = new Map(block.split("\n").map((line) => [line.split(":", 1)[0], line.replace(/^[^:]*: ?/, "")]));
    this.lastId = fields.get("id") ?? this.lastId;
    const [event, data] = [fields.get("event"), fields.get("data")];
    if (event !== undefined && data !== undefined) this.parts.heard(event, JSON.parse(data));
  }
}
