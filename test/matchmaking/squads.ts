/** The reference for squads: whether some of the waiting entries fill a match, found by trying all combinations. */

const TEAM = 4;

/** Whether entries of some of these sizes make two teams of four. All suit each other. */
export function fillSquad(sizes: readonly number[]): boolean {
  // All reachable sizes of the two teams.
  let reached = new Set(["0 0"]);
  for (const size of sizes) {
    const grown = [...reached].flatMap((state) => {
      const [a, b] = state.split(" ").map(Number);
      return [state, `${a + size} ${b}`, `${a} ${b + size}`];
    });
    reached = new Set(grown.filter((state) => state.split(" ").every((full) => Number(full) <= TEAM)));
  }
  return reached.has(`${TEAM} ${TEAM}`);
}
