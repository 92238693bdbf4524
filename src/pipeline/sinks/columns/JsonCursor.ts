/**
 * Reads JSON that is written without white space, whose members are in a known order. Whatever is different sets `hasFailed`, and
 * must then be read by `JSON.parse`: the cursor accepts nothing that `JSON.parse` would read as another value.
 */
import { NO_TEXT } from "./EventColumns.ts";
import type { TextTable } from "./TextTable.ts";
import { type Expected, isExpected, viewOf } from "./words.ts";

const [QUOTE, BACKSLASH, MINUS, ZERO] = [34, 92, 45, 48];
const INT_DIGITS_MAX = 9;
/** Numbers of so many digits are exact. */
const DIGITS_MAX = 15;

export class JsonCursor {
  hasFailed = false;
  private bytes: Buffer = Buffer.alloc(0);
  private view = viewOf(this.bytes);
  private at = 0;

  start(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.restart(at);
  }

  /** Continues at this position of the same bytes. */
  restart(at: number): void {
    this.at = at;
    this.hasFailed = false;
  }

  get position(): number {
    return this.at;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  skip(expected: Expected): void {
    if (!isExpected(expected, this.view, this.at)) this.hasFailed = true;
    this.at += expected.length;
  }

  isNext(byte: number): boolean {
    return this.at < this.bytes.length && this.bytes[this.at] === byte;
  }

  /** Skips the next byte if it is this one. Returns whether it is. */
  trySkip(byte: number): boolean {
    const isNext = this.isNext(byte);
    if (isNext) this.at++;
    return isNext;
  }

  /** A whole number of at most 9 digits. */
  int(): number {
    const { bytes } = this;
    const end = bytes.length;
    const isNegative = this.trySkip(MINUS);
    const from = this.at;
    let at = from;
    let value = 0;
    for (; at < end && at - from <= INT_DIGITS_MAX; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at;
    const digits = at - from;
    // JSON has no leading zeros, and -0 is not 0.
    if (digits === 0 || digits > INT_DIGITS_MAX || (bytes[from] === ZERO && (digits > 1 || isNegative))) {
      this.hasFailed = true;
      return 0;
    }
    return isNegative ? -value : value;
  }

  /** A whole number from 0, of at most 15 digits. */
  count(): number {
    const { bytes, at: from } = this;
    let at = from;
    let value = 0;
    for (; at < bytes.length && at - from <= DIGITS_MAX; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.at = at;
    const digits = at - from;
    if (digits === 0 || digits > DIGITS_MAX || (bytes[from] === ZERO && digits > 1)) this.hasFailed = true;
    return value;
  }

  /**
   * The code of a text of ASCII without escapes, at least `minLength` long. `previous` is the one before it in its column, or
   * `NO_TEXT`: the same texts often follow each other.
   */
  text(texts: TextTable, minLength: number, previous: number): number {
    const guess = previous === NO_TEXT ? NO_TEXT : texts.followerOf(previous);
    if (guess !== NO_TEXT && this.trySkipText(texts, guess, minLength)) return guess;
    const from = this.at + 1;
    const to = this.skipText();
    if (to - from < minLength) this.hasFailed = true;
    if (this.hasFailed) return 0;
    const code = texts.codeOf(this.view, from, to);
    if (previous !== NO_TEXT) texts.follow(previous, code);
    return code;
  }

  /** Like `text`, as a string. */
  string(): string {
    const from = this.at + 1;
    const to = this.skipText();
    return this.hasFailed ? "" : this.bytes.toString("latin1", from, to);
  }

  /** Skips this text with its quotes, if it is the next one. Returns whether it is. */
  private trySkipText(texts: TextTable, code: number, minLength: number): boolean {
    const { bytes, at } = this;
    const length = texts.lengthOf(code);
    const end = at + length + 1;
    if (end >= bytes.length || length < minLength || bytes[at] !== QUOTE || bytes[end] !== QUOTE) return false;
    if (!texts.isAt(code, this.view, at + 1)) return false;
    this.at = end + 1;
    return true;
  }

  /** Returns the position of the closing quote. */
  private skipText(): number {
    const { bytes } = this;
    const end = bytes.length;
    if (!this.trySkip(QUOTE)) this.hasFailed = true;
    let at = this.at;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.at = at + 1;
        return at;
      }
      if (byte < 32 || byte > 127 || byte === BACKSLASH) break;
    }
    this.at = at;
    this.hasFailed = true;
    return at;
  }
}
