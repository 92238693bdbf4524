/** The board: seven columns, into which stones fall. Four stones of a player in a row win. Pure functions on a list of cells. */

export const COLUMNS = 7;
export const ROWS = 6;
export const CELLS = COLUMNS * ROWS;
const EMPTY = 0;

/** Cells from the lowest row up: 0 is empty, 1 and 2 are the stones of the seats 0 and 1. */
export type Board = number[];

export const emptyBoard = (): Board => new Array<number>(CELLS).fill(EMPTY);

/** The cell into which a stone falls; −1 if the column is full. */
export function landing(board: Board, column: number): number {
  for (let cell = column; cell < CELLS; cell += COLUMNS) if (board[cell] === EMPTY) return cell;
  return -1;
}

export const isFull = (board: Board): boolean => !board.includes(EMPTY);

/** Up, and to the right: level, rising and falling. */
const DIRECTIONS = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
];

/** Whether the stone in `cell` is in a row of at least four. */
export function wins(board: Board, cell: number): boolean {
  return DIRECTIONS.some(([right, up]) => 1 + alike(board, cell, right, up) + alike(board, cell, -right, -up) >= 4);
}

/** How many stones in this direction are of the same player as that in `cell`. */
function alike(board: Board, cell: number, right: number, up: number): number {
  let [column, row] = [cell % COLUMNS, Math.trunc(cell / COLUMNS)];
  for (let count = 0; ; count++) {
    column += right;
    row += up;
    if (column < 0 || column >= COLUMNS || row < 0 || row >= ROWS) return count;
    if (board[row * COLUMNS + column] !== board[cell]) return count;
  }
}

/** A column that wins at once for the player of `stone`; −1 if there is none. */
export function winningColumn(board: Board, stone: number): number {
  for (let column = 0; column < COLUMNS; column++) {
    const cell = landing(board, column);
    if (cell < 0) continue;
    const tried = [...board];
    tried[cell] = stone;
    if (wins(tried, cell)) return column;
  }
  return -1;
}
