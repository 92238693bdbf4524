/** The message of an error, or a text, as one line for logs and `/readyz`. */
export function toLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
}
