/** The reasons of acts in the tools. Their pages are made to ask for them: their own buttons send none. */
import * as z from "zod";
import { REASON_LENGTH_MAX, VISIBLE } from "../../api/operators/reasonOfAct.ts";
import { Problem } from "../../api/problems.ts";
import { readInput, reading, type ToolRequest, type ToolRoutes } from "./toolRequest.ts";

const query = z.object({ reason: z.string().trim().max(REASON_LENGTH_MAX) });

/** `tool`: the path of its page. Throws `REASON_REQUIRED` or `INPUT_INVALID`. */
export function readReason(tool: string, { reason }: Readonly<Record<string, string>>): string {
  if (!VISIBLE.test(reason ?? ""))
    throw new Problem(
      "REASON_REQUIRED",
      `Add reason= to the query, with 1 to 200 characters. The page ${tool} asks for it.`,
    );
  return readInput("query", query, { reason }).reason;
}

interface Asking {
  /** Matches the paths of the acts that the page sends. */
  readonly acts: RegExp;
  /** Matches those of them that end what another act began: they are sent with its reason, if this page sent it. */
  readonly ends?: RegExp;
}

/**
 * Runs in the page, before its own script. It sends acts with POST, because browsers then say which page sent the request, also
 * over plain HTTP.
 */
const scriptOf = ({ acts, ends = /(?!)/ }: Asking) => `const send = window.fetch;
let begun = null;
window.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  if (!${acts}.test(url.pathname)) return send(input, init);
  const isEnd = ${ends}.test(url.pathname);
  const reason = (isEnd ? begun : null) ?? prompt("Why? The reason is recorded in the log of acts (1 to 200 characters).");
  if (reason === null) return new Response('{"error":"cancelled"}');
  begun = isEnd ? null : reason;
  url.searchParams.set("reason", reason);
  const response = await send(url, { method: "POST" });
  if (!response.ok) {
    const { title, detail } = await response.clone().json().catch(() => ({ title: "The request failed." }));
    alert([title, detail].filter(Boolean).join(" "));
  }
  return response;
};
`;

/** A request for the page of a tool, or for the script that asks; null for any other path. `index`: the tool's route of its page. */
export function pageRequest(path: string, index: ToolRoutes[string], asking: Asking): ToolRequest | null {
  if (path === "/" || path === "/index.html") return reading(async () => withScript((await index({})) as Response));
  return path === "/reasons.js" ? reading(() => new Response(scriptOf(asking), { headers: SCRIPT_HEADERS })) : null;
}

const SCRIPT_HEADERS = { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" };

async function withScript(page: Response): Promise<Response> {
  const { status, headers } = page;
  const text = await page.text();
  return new Response(text.replace("<head>", '<head><script src="./reasons.js"></script>'), { status, headers });
}
