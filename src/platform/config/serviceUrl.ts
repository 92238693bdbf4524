/** Checks the URL of a service, which may contain a user and a password. No error contains any part of the URL. */

const UNENCODED = "a user or password contains @, /, # or ?, which must be percent-encoded (%40, %2F, %23, %3F)";

/**
 * What is wrong with a URL that can be parsed: one line, or null. Because of a `/`, `#` or `?` in a password, the parser takes the
 * user for the host, and the rest for a path, a fragment or parameters.
 */
export function problemOfUrl(text: string): string | null {
  const url = URL.parse(text);
  const rest = text.slice(text.indexOf("//") + 2);
  if (url === null) return /[/#?]/.test(rest.slice(0, Math.max(0, rest.lastIndexOf("@")))) ? UNENCODED : "not a URL";
  const names = [...url.searchParams.keys()].join("");
  const inSearch = url.username === "" && url.search.includes("@");
  if (url.hash !== "" || url.pathname.includes("@") || /[@/]/.test(names) || inSearch) return UNENCODED;
  try {
    for (const part of [url.username, url.password, url.hostname, url.pathname]) decodeURIComponent(part);
  } catch {
    return "a % is not followed by the two hexadecimal digits of a byte in UTF-8; write a % itself as %25";
  }
  return null;
}
