import assert from "node:assert/strict";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { securityHeaders } from "../../src/api/securityHeaders.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";

function headersOf(
  url: string,
  {
    publicUrl,
    trustedProxies = [],
    forwardedProto,
    frameAncestors = ["'none'"],
    pageDir,
  }: {
    publicUrl?: string;
    trustedProxies?: string[];
    forwardedProto?: string;
    frameAncestors?: string[];
    pageDir?: string;
  } = {},
): Record<string, unknown> {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: "10.0.0.9" });
  const request = new IncomingMessage(socket);
  request.url = url;
  if (forwardedProto !== undefined) request.headers["x-forwarded-proto"] = forwardedProto;
  const response = new ServerResponse(request);
  securityHeaders({ publicUrl, trustedProxies, frameAncestors, pageDir })(request, response);
  socket.destroy();
  return response.getHeaders();
}

describe("security headers", () => {
  it("are on every response: no frames, no referrer, no guessing of types, scripts only from files of this server", () => {
    const urls = [
      "/",
      "/assets/a.js",
      "/docs",
      "/docs/start.js",
      "/monitor",
      "/monitor/?a",
      "/playground/",
      "/readyz",
      "/x",
    ];
    for (const url of urls) {
      const headers = headersOf(url);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /(^|; )default-src 'none'(;|$)/, url);
      assert.match(policy, /(^|; )script-src 'self'(;|$)/, url);
      assert.match(policy, /(^|; )frame-ancestors 'none'(;|$)/, url);
      assert.equal(headers["referrer-policy"], "no-referrer", url);
      assert.equal(headers["x-content-type-options"], "nosniff", url);
    }
  });

  it("forbid inline styles on the game's page; only pages of libraries may have them", () => {
    const allowsInline = (url: string) => String(headersOf(url)["content-security-policy"]).includes("'unsafe-inline'");
    assert.deepEqual(["/", "/neutral.html", "/index.html?x=/docs", "/documents", "/monitoring"].map(allowsInline), [
      false,
      false,
      false,
      false,
      false,
    ]);
    assert.deepEqual(["/docs", "/monitor/", "/playground?x"].map(allowsInline), [true, true, true]);
  });

  it("let a page of PAGE_DIR have WebAssembly, workers and inline styles, but no foreign or inline scripts", () => {
    const policy = String(headersOf("/", { pageDir: "page" })["content-security-policy"]);
    assert.match(policy, /(^|; )script-src 'self' 'wasm-unsafe-eval'(;|$)/);
    assert.match(policy, /(^|; )worker-src 'self' blob:(;|$)/);
    assert.match(policy, /(^|; )default-src 'none'(;|$)/);
    assert.equal(
      headersOf("/docs", { pageDir: "page" })["content-security-policy"],
      headersOf("/docs")["content-security-policy"],
    );
  });

  it("let the pages of FRAME_ANCESTORS show the game's page, but not the tools of operators", () => {
    const { frameAncestors } = readConfig([], { FRAME_ANCESTORS: "Self, https://*.portal.example" });
    const ancestorsOf = (url: string) =>
      /frame-ancestors (.*)$/.exec(
        String(headersOf(url, { frameAncestors: [...frameAncestors] })["content-security-policy"]),
      )![1];
    assert.equal(ancestorsOf("/?a"), "'self' https://*.portal.example");
    for (const url of ["/docs", "/monitor/", "/playground/"]) assert.equal(ancestorsOf(url), "'none'", url);
  });

  it("require TLS of the browser only if clients reach the server by TLS", () => {
    const hsts = (options: Parameters<typeof headersOf>[1]) => headersOf("/", options)["strict-transport-security"];
    const proxied = { trustedProxies: ["10.0.0.0/8"] };
    assert.equal(hsts({}), undefined);
    assert.equal(hsts({ publicUrl: "http://play.example.com/" }), undefined);
    assert.equal(hsts({ publicUrl: "https://play.example.com/" }), "max-age=31536000");
    assert.equal(hsts({ ...proxied, forwardedProto: "https" }), "max-age=31536000");
    assert.equal(hsts({ ...proxied, forwardedProto: "https, http" }), "max-age=31536000");
    assert.equal(hsts({ ...proxied, forwardedProto: "http" }), undefined);
    assert.equal(hsts({ forwardedProto: "https" }), undefined, "the header of anyone else means nothing");
  });
});
