/** Draws values for each hour of a day as one SVG: a line for each series, on a logarithmic scale. */
export interface Series {
  readonly name: string;
  readonly colour: string;
  /** 24 values, one for each hour. */
  readonly byHour: readonly number[];
  readonly dashed?: boolean;
}

const WIDTH = 760;
const HEIGHT = 320;
const LEFT = 56;
const RIGHT = 190;
const TOP = 40;
const PLOT = { width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - 50 };
/** Smaller values are drawn as this value. */
const LEAST = 0.1;
const LABEL_HEIGHT = 15;

interface Scale {
  /** Exponents of ten, of the lowest and the highest grid line. */
  readonly minExponent: number;
  readonly maxExponent: number;
  y(value: number): number;
}

/** A scale of whole decades that contains all values. */
function scaleOf(values: readonly number[]): Scale {
  const minExponent = Math.floor(Math.log10(Math.max(LEAST, Math.min(...values))) + 1e-9);
  const maxExponent = Math.max(minExponent + 1, Math.ceil(Math.log10(Math.max(LEAST, ...values)) - 1e-9));
  const y = (value: number) => {
    const exponent = Math.log10(Math.max(10 ** minExponent, value));
    return TOP + PLOT.height * (1 - (exponent - minExponent) / (maxExponent - minExponent));
  };
  return { minExponent, maxExponent, y };
}

const x = (hour: number): number => LEFT + (hour / 23) * PLOT.width;
const text = (left: number, top: number, attributes: string, words: string): string =>
  `<text x="${left.toFixed(1)}" y="${top.toFixed(1)}" ${attributes}>${words}</text>`;

/** Grid lines and their labels at 1, 2 and 5 of each decade. */
function gridLines({ minExponent, maxExponent, y }: Scale): string[] {
  const marks: string[] = [];
  for (let power = minExponent; power <= maxExponent; power++) {
    for (const step of [1, 2, 5]) {
      const value = step * 10 ** power;
      if (power === maxExponent && step > 1) continue;
      const shade = step === 1 ? "#c8c8c8" : "#ededed";
      const shown = String(Number(value.toPrecision(1)));
      marks.push(`<path d="M${LEFT} ${y(value).toFixed(1)}h${PLOT.width}" stroke="${shade}"/>`);
      marks.push(text(LEFT - 8, y(value) + 4, `text-anchor="end"${step === 1 ? "" : ' fill="#888"'}`, shown));
    }
  }
  return marks;
}

/** The names of the series, beside the ends of their lines and without overlap. */
function labels(series: readonly Series[], { y }: Scale): string[] {
  let above = Number.NEGATIVE_INFINITY;
  return [...series]
    .sort((a, b) => y(a.byHour.at(-1)!) - y(b.byHour.at(-1)!))
    .map(({ name, colour, byHour }) => {
      above = Math.max(above + LABEL_HEIGHT, y(byHour.at(-1)!) + 4);
      return text(x(23) + 8, above, `fill="${colour}"`, name);
    });
}

export function dayChart(title: string, unit: string, series: readonly Series[]): string {
  const scale = scaleOf(series.flatMap(({ byHour }) => byHour));
  const bottom = TOP + PLOT.height;
  const hours = [0, 3, 6, 9, 12, 15, 18, 21].map((hour) =>
    text(x(hour), bottom + 18, 'text-anchor="middle"', `${hour} h`),
  );
  const lines = series.map(({ colour, byHour, dashed }) => {
    const points = byHour.map((value, hour) => `${x(hour).toFixed(1)},${scale.y(value).toFixed(1)}`).join(" ");
    const dash = dashed === true ? ' stroke-dasharray="5 4"' : "";
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>${text(LEFT, 20, 'font-size="14"', `${title} (${unit})`)}`,
    ...[...gridLines(scale), ...hours, ...lines, ...labels(series, scale)],
    text(x(11.5), HEIGHT - 8, 'text-anchor="middle" fill="#555"', "hour of the simulated day"),
    "</svg>\n",
  ].join("\n");
}
