/** What may be a user and a password in front of a host. */
const CREDENTIALS = /:.*@/s;

/** A refused value as an error repeats it, unless the value may contain a password. */
export const shownValue = (text: string): string =>
  CREDENTIALS.test(text) ? "value (not shown)" : JSON.stringify(text);
