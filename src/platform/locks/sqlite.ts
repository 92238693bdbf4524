/**
 * `node:sqlite`, without the warning that Node 22 prints in each thread and process that loads it, because it is experimental there.
 * The parts that this program uses have not changed since.
 */
const { emitWarning } = process;
process.emitWarning = () => {};
export const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
process.emitWarning = emitWarning;
