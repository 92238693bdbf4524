/** Values of the header `Origin`, in which a browser or an app names the page that sent a request. */

import { shownValue } from "./shownValue.ts";

/** Schemes of pages that are part of an app or a browser extension. */
const APP_SCHEMES = ["app", "capacitor", "chrome-extension", "ionic", "moz-extension", "safari-web-extension", "tauri"];
const SCHEMES = ["http", "https", ...APP_SCHEMES];

/** The origin as a browser writes it. Throws an error of one line that says what is wrong with `text`. */
export function readOrigin(text: string): string {
  const shown = shownValue(text);
  const url = URL.parse(text);
  const scheme = url?.protocol.slice(0, -1) ?? "";
  if (url === null || url.host === "") throw new Error(`${shown} is not an origin`);
  if (!SCHEMES.includes(scheme)) throw new Error(`${shown} does not begin with one of ${SCHEMES.join(", ")}`);
  if (url.host.includes("*"))
    throw new Error(
      `${shown} matches no page, because * stands only for all origins: list each origin, or set * alone`,
    );
  if (/[^/]/.test(url.pathname) || `${url.username}${url.password}${url.search}${url.hash}` !== "")
    throw new Error(`${shown} is more than an origin: write ${scheme}://${url.host}`);
  // For schemes other than http and https, the parser returns no origin.
  return `${scheme}://${url.host}`;
}
