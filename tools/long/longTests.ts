/** The tests that `npm run test:long` runs at full size. Every run of `npm test` contains them at a small size. */
export interface LongTest {
  /** What is tested, and at which size. */
  readonly about: string;
  /** The test files, from the root. They take their size from `atFullSize` in test/atFullSize.ts. */
  readonly files: readonly string[];
}

export const longTests: Readonly<Record<string, LongTest>> = {
  catchUp: {
    about: "20,000 ended matches of 16 in four partitions are recorded once each, by two processes, within the limits",
    files: ["test/pipeline/sinks/results/catchUp.test.ts"],
  },
};
