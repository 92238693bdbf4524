/**
 * The output of a step: facts packed into one typed array, in the order in which they happened. Pure and engine-independent.
 *
 * A fact is `[kind, ...words]`: `kind` is the position of its event in `game.events`, and the words are the event's fields in
 * their declared order (`events.ts`). Players are seat numbers, −1 for nobody.
 */
export class Facts {
  words: Int32Array;
  /** Number of words in use. */
  length = 0;
  /** Number of facts. The index of a fact in the tick is its position. */
  count = 0;

  constructor(capacityWords: number) {
    this.words = new Int32Array(capacityWords);
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  /**
   * Appends a fact with room for `words` field values, and returns the offset in `this.words` at which the caller must write the
   * first one. Read `this.words` again after each call: it is replaced when it grows.
   */
  open(kind: number, words: number): number {
    const offset = this.length + 1;
    const end = offset + words;
    if (end > this.words.length) this.grow(end);
    this.words[this.length] = kind;
    this.length = end;
    this.count++;
    return offset;
  }

  private grow(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }
}
