/** The size of a test that is registered in tools/long/longTests.ts: `full` for `npm run test:long`, otherwise `usual`. */
export function atFullSize(usual: number, full: number): number {
  return process.env.TEST_FULL_SIZE === "1" ? full : usual;
}
