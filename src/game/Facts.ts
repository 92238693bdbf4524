/**
 * Owns what a step tells the outside: facts packed into one typed array, in the order they happened.
 * Pure and engine-independent. What the words mean is declared by the game's events (`events.ts`).
 *
 * A fact is `[kind, ...words]`, where `kind` is the position of its event in `game.events` and the words are
 * the event's fields in their declared order. Players appear as seat numbers, −1 for nobody.
 */
export class Facts {
  words: Int32Array;
  /** Words in use. */
  length = 0;
  /** Facts in use; a fact's index within the tick follows their order. */
  count = 0;

  constructor(capacityWords: number) {
    this.words = new Int32Array(capacityWords);
  }

  clear(): void {
    this.length = 0;
    this.count = 0;
  }

  /**
   * Opens a fact of `kind` with `words` field words and returns the offset of the first of them in `this.words`.
   * Read `this.words` afresh after each call: it is replaced when it has to grow.
   */
  open(kind: number, words: number): number {
    const at = this.length + 1;
    const end = at + words;
    if (end > this.words.length) this.grow(end);
    this.words[this.length] = kind;
    this.length = end;
    this.count++;
    return at;
  }

  private grow(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }
}
