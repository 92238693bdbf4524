/**
 * The facts of one tick, packed into one typed array in the order in which they happened. Internal to the platform: a game writes
 * facts by name (`emit.ts`), and recorders read them here. Pure and engine-independent.
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
   * Returns `this.words` with room for a fact of `size` words, its kind included, from `this.length` on. What is written there
   * counts only after `commit`.
   */
  reserve(size: number): Int32Array {
    const end = this.length + size;
    if (end > this.words.length) this.grow(end);
    return this.words;
  }

  /** Adds the fact that was written into the `size` words of the latest `reserve`. */
  commit(size: number): void {
    this.length += size;
    this.count++;
  }

  private grow(needed: number): void {
    const larger = new Int32Array(Math.max(needed, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }
}
