/**
 * Reads the player's private event stream (`GET /live?scope=me`) and reconnects when it ends. It uses `fetch`, because an
 * `EventSource` cannot send a token.
 */
export interface OwnFeedDeps {
  /** Address of the server, with a slash at the end. */
  readonly address: string;
  /** Null while nobody is signed in; then no request is sent. */
  token(): string | null;
  onEvent(event: string, data: any): void;
}

const RETRY_MS = 3000;
const RETRY_MS_MAX = 60_000;

export class OwnFeed {
  private readonly deps: OwnFeedDeps;
  private lastId = "";
  /** A token that the server refused is not sent again. */
  private refused: string | null = null;

  constructor(deps: OwnFeedDeps) {
    this.deps = deps;
  }

  /** Listens for as long as the page is open. */
  async listen(): Promise<never> {
    for (let waitMs = RETRY_MS; ; ) {
      const token = this.deps.token();
      const heard = token === null || token === this.refused ? false : await this.readStream(token).catch(() => false);
      waitMs = heard || token === null ? RETRY_MS : Math.min(RETRY_MS_MAX, waitMs * 2);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  /** Resolves when the stream ends, with whether it had begun. */
  private async readStream(token: string): Promise<boolean> {
    const resume = this.lastId === "" ? "" : `&lastEventId=${this.lastId}`;
    const answer = await fetch(`${this.deps.address}api/v1/live?scope=me${resume}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (answer.status === 401) this.refused = token;
    if (!answer.ok || answer.body === null) return false;
    let unread = "";
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (unread + part.value).split("\n\n");
      unread = blocks.pop()!;
      for (const block of blocks) this.readBlock(block);
      // The page now has another player.
      if (this.deps.token() !== token) await reader.cancel();
    }
    return true;
  }

  private readBlock(block: string): void {
    const fields = new Map(block.split("\n").map((line) => [line.split(":", 1)[0], line.replace(/^[^:]*: ?/, "")]));
    this.lastId = fields.get("id") ?? this.lastId;
    const [event, data] = [fields.get("event"), fields.get("data")];
    if (event !== undefined && data !== undefined) this.deps.onEvent(event, JSON.parse(data));
  }
}
