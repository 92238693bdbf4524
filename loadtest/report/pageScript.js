/** Draws the plots of a report in the browser. `reportPage.ts` defines `uPlot` and `data` before it in the page. */
const colours = ["#3b6fb6", "#c8553d", "#4f8a5b", "#8a5fa8", "#b88a2c", "#4b9aa8", "#7a7a7a"];
const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
const ink = isDark ? "#c9cbd1" : "#4a4d55";
const grid = isDark ? "#2c2f36" : "#e7e8ec";

/** Steps of an axis that shows bytes. */
const binary = Array.from({ length: 50 }, (_, power) => 2 ** power);

function short(value) {
  if (value >= 1e9) return `${+(value / 1e9).toFixed(1)} G`;
  if (value >= 1e6) return `${+(value / 1e6).toFixed(1)} M`;
  if (value >= 1e4) return `${+(value / 1e3).toFixed(1)} k`;
  return `${+value.toFixed(value < 10 ? 2 : 1)}`;
}

function withUnit(value, unit) {
  if (value === null || value === undefined) return "–";
  if (!unit.startsWith("bytes")) return `${short(value)}${unit === "" ? "" : unit === "/s" ? unit : ` ${unit}`}`;
  const power = value < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10));
  const suffix = unit.slice("bytes".length);
  return `${+(value / 1024 ** power).toFixed(1)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}${suffix}`;
}

function clock(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const rampBand = {
  hooks: {
    drawClear: [
      (plot) => {
        if (data.ramp <= 0) return;
        const { ctx, bbox } = plot;
        const end = Math.min(bbox.left + bbox.width, plot.valToPos(data.ramp, "x", true));
        ctx.save();
        ctx.fillStyle = isDark ? "#ffffff0d" : "#0000000a";
        ctx.fillRect(bbox.left, bbox.top, Math.max(0, end - bbox.left), bbox.height);
        ctx.restore();
      },
    ],
  },
};

function draw(plot, box) {
  const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  const width = () => box.clientWidth;
  const drawn = new uPlot(
    {
      width: width(),
      height: 180,
      plugins: [rampBand],
      cursor: { sync: { key: "run" }, points: { size: 6 } },
      scales: {
        x: { time: false },
        y: { range: (_, min, max) => [Math.min(0, min ?? 0), (max ?? 0) > 0 ? max * 1.08 : 1] },
      },
      axes: [
        { ...axis, values: (_, ticks) => ticks.map(clock) },
        {
          ...axis,
          size: 76,
          incrs: plot.unit.startsWith("bytes") ? binary : undefined,
          values: (_, ticks) => ticks.map((tick) => withUnit(tick, plot.unit)),
        },
      ],
      series: [
        { label: "at", value: (_, at) => (at === null ? "–" : clock(at)) },
        ...plot.series.map(({ label }, i) => ({
          label,
          stroke: colours[i % colours.length],
          width: 1.5,
          points: { show: data.at.length < 3 },
          value: (_, value) => withUnit(value, plot.unit),
        })),
      ],
    },
    [data.at, ...plot.series.map(({ values }) => values)],
    box,
  );
  new ResizeObserver(() => drawn.setSize({ width: width(), height: 180 })).observe(box);
}

for (const [i, plot] of data.plots.entries()) draw(plot, document.getElementById(`plot${i}`));
