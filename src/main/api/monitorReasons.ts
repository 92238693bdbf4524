/** Makes the monitor's page ask for the reason of each act: its own buttons send none. */

/**
 * Runs in the page, before its own script. It sends acts with POST, because browsers then say which page sent the request, also
 * over plain HTTP.
 */
const SCRIPT = `const send = window.fetch;
window.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  if (!url.pathname.endsWith("/api/room/call")) return send(input, init);
  const reason = prompt("Why? The reason is recorded in the log of acts (1 to 200 characters).");
  if (reason === null) return new Response("{}");
  url.searchParams.set("reason", reason);
  const response = await send(url, { method: "POST" });
  if (!response.ok) {
    const { title, detail } = await response.clone().json().catch(() => ({ title: "The request failed." }));
    alert([title, detail].filter(Boolean).join(" "));
  }
  return response;
};
`;

export function askForReason(): Response {
  return new Response(SCRIPT, {
    headers: { "content-type": "text/javascript; charset=utf-8", "cache-control": "no-cache" },
  });
}

/** `index`: the monitor's page, as its own route returns it. */
export async function withReasons(index: unknown): Promise<Response> {
  const { status, headers, text } = await read(index as Response);
  return new Response(text.replace("<head>", '<head><script src="./reasons.js"></script>'), { status, headers });
}

async function read(page: Response) {
  return { status: page.status, headers: page.headers, text: await page.text() };
}
