/** Formats values as text for a terminal: bars, sparklines, numbers with units. */
const BLOCKS = "▁▂▃▄▅▆▇█";

/** A bar of `width` characters; `share` (0 to 1) of them are filled. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** One block per value. The highest value gets a full block, null a blank. */
export function sparkline(values: readonly (number | null)[]): string {
  const highest = Math.max(0, ...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return " ";
      if (highest === 0) return BLOCKS[0];
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor((value / highest) * BLOCKS.length))];
    })
    .join("");
}

export function number(value: number | null, digits = 1): string {
  if (value === null) return "–";
  return value.toLocaleString("en-US", { maximumFractionDigits: value >= 100 ? 0 : digits });
}

export function bytes(value: number | null): string {
  if (value === null) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${number(value / 1024 ** power)} ${units[power]}`;
}
