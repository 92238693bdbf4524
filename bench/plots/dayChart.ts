/** Draws figures by hour of a day as one SVG: a line for each series, on a logarithmic scale. */

export interface Series {
  readonly name: string;
  readonly colour: string;
  /** 24 values. */
  readonly byHour: readonly number[];
}

const WIDTH = 760;
const HEIGHT = 300;
const LEFT = 60;
const TOP = 30;
const PLOT = { width: WIDTH - LEFT - 20, height: HEIGHT - TOP - 60 };

export function dayChart(title: string, unit: string, series: readonly Series[]): string {
  const most = Math.max(1, ...series.flatMap(({ byHour }) => byHour));
  const decades = Math.max(1, Math.ceil(Math.log10(most)));
  const x = (hour: number) => LEFT + (hour / 23) * PLOT.width;
  const y = (value: number) => TOP + PLOT.height * (1 - Math.log10(Math.max(1, value)) / decades);
  const rules = Array.from({ length: decades + 1 }, (_, power) => {
    const at = y(10 ** power);
    return `<path d="M${LEFT} ${at}h${PLOT.width}" stroke="#ddd"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${10 ** power}</text>`;
  });
  const hours = [0, 6, 12, 18, 23].map(
    (hour) => `<text x="${x(hour)}" y="${TOP + PLOT.height + 18}" text-anchor="middle">${hour} h</text>`,
  );
  const lines = series.map(({ name, colour, byHour }, at) => {
    const points = byHour.map((value, hour) => `${x(hour).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    const legend = `<text x="${LEFT + at * 180}" y="${HEIGHT - 12}" fill="${colour}">${name}</text>`;
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>${legend}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/><text x="${LEFT}" y="18" font-size="14">${title} (${unit})</text>`,
    ...[...rules, ...hours, ...lines],
    "</svg>\n",
  ].join("\n");
}
