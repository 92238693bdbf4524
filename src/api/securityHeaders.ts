/** The headers by which browsers restrict what the pages of this server may load and do, and which pages may show them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import proxyaddr from "proxy-addr";
import { pathOf } from "./pathOf.ts";

/** Without `frame-ancestors`. */
const policy = (directives: Readonly<Record<string, string>>): string =>
  Object.entries({
    "default-src": "'none'",
    "script-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    ...directives,
  })
    .map(([name, sources]) => `${name} ${sources}`)
    .join("; ");

/** Rooms may be on other hosts, whose addresses the page learns only from its reservation. */
const gamePage = policy({ "style-src": "'self'", "connect-src": "'self' ws: wss:" });

/**
 * For PAGE_DIR: what builds of game engines need besides, which is WebAssembly, workers, sounds, fonts, and styles that scripts set.
 * Scripts still come only from files of this server.
 */
const ownPage = policy({
  "script-src": "'self' 'wasm-unsafe-eval'",
  "style-src": "'self' 'unsafe-inline'",
  "img-src": "'self' data: blob:",
  "font-src": "'self' data:",
  "media-src": "'self' data: blob:",
  "worker-src": "'self' blob:",
  "manifest-src": "'self'",
  "connect-src": "'self' data: blob: ws: wss:",
});

/** The paths of the pages of games, which pages of FRAME_ANCESTORS may show. */
const GAME_PAGE = /^\/((index|neutral)\.html)?$/;

/** By path, the pages of libraries. All of them create elements with `style` attributes, or `style` elements. */
const libraryPages: readonly (readonly [RegExp, string])[] = [
  [/^\/docs(\/|$)/, policy({ "style-src": "'self' 'unsafe-inline'" })],
  // The policy blocks the page's link to a Google font. The page draws its icons without this font.
  [/^\/monitor(\/|$)/, policy({ "style-src": "'self' 'unsafe-inline'" })],
  // The page's JSON editor loads its style and its worker from `data:` and `blob:` URLs. The page joins rooms, which may be on other hosts.
  [
    /^\/playground(\/|$)/,
    policy({
      "style-src": "'self' 'unsafe-inline'",
      "worker-src": "'self' blob: data:",
      "manifest-src": "'self'",
      "connect-src": "'self' ws: wss:",
    }),
  ],
];

const common = { "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" };

/** A year, as browsers expect. Without `includeSubDomains`: other servers of the domain may have no TLS. */
const HSTS = "max-age=31536000";

interface SecurityHeadersOptions {
  /** PUBLIC_URL. */
  readonly publicUrl: string | undefined;
  /** Proxies whose X-Forwarded-Proto is trusted. */
  readonly trustedProxies: readonly string[];
  /** FRAME_ANCESTORS, as sources of that directive: the pages that may show the game's page. None may show other pages. */
  readonly frameAncestors: readonly string[];
  /** PAGE_DIR. */
  readonly pageDir?: string | undefined;
}

/** The result sets the headers of a response, which its handler may replace. */
export function securityHeaders({ publicUrl, trustedProxies, frameAncestors, pageDir }: SecurityHeadersOptions) {
  const page = pageDir === undefined ? gamePage : ownPage;
  const isPublicTls = publicUrl?.startsWith("https:") === true;
  const trusts = proxyaddr.compile([...trustedProxies]);
  const isTls = ({ headers, socket }: IncomingMessage): boolean =>
    isPublicTls || (schemeOf(headers["x-forwarded-proto"]) === "https" && trusts(socket.remoteAddress ?? "", 0));
  return (request: IncomingMessage, response: ServerResponse): void => {
    for (const [name, value] of Object.entries(common)) response.setHeader(name, value);
    response.setHeader("content-security-policy", policyOf(pathOf(request), page, frameAncestors));
    if (isTls(request)) response.setHeader("strict-transport-security", HSTS);
  };
}

/** The scheme that the client used: each proxy appends its own to the right. */
const schemeOf = (forwarded: string | string[] | undefined) =>
  String(forwarded ?? "")
    .split(",")[0]
    .trim();

function policyOf(path: string, page: string, frameAncestors: readonly string[]): string {
  const ofLibrary = libraryPages.find(([pages]) => pages.test(path))?.[1];
  const ancestors = GAME_PAGE.test(path) ? frameAncestors.join(" ") : "'none'";
  return `${ofLibrary ?? page}; frame-ancestors ${ancestors}`;
}
