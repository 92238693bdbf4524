/** The longest reason of a close frame, in bytes (RFC 6455, 5.5). */
const REASON_BYTES_MAX = 123;

/** Shortens `text` to what a close frame can hold. A character that would be cut in two is left out. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= REASON_BYTES_MAX) return text;
  // A replacement character may take three bytes.
  return bytes
    .subarray(0, REASON_BYTES_MAX - 3)
    .toString("utf8")
    .replace(/\uFFFD+$/, "");
}
