// ApexCharts behind two verbs. The page sends what is new; this keeps the points, draws at most once per frame,
// and not at all while the tab is hidden (it draws once when the tab is shown).
import { crosshair } from './chart-crosshair.js';
import { linearAxis, logAxis, number, percent, wholeAxis } from './chart-numbers.js';

const charts = new Map();
let library;

function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = new URL('../vendor/apexcharts.min.js', import.meta.url).href;
    script.onload = resolve;
    script.onerror = () => reject(new Error('The chart library could not be loaded.'));
    document.head.append(script);
  });
  return library;
}

// The y axis: linear values begin at 0 unless zoomed in, accuracies and zoomed values fit their lines with a little room.
function yAxis(chart, lines) {
  let low = Infinity;
  let high = -Infinity;
  for (const line of lines)
    for (const [x, y] of line.data) {
      if (y === null || x < chart.from || x > chart.to) continue;
      if (y < low) low = y;
      if (y > high) high = y;
    }
  const isPercent = chart.format === 'percent';
  if (low > high) [low, high] = chart.log ? [-2, 0] : [0, 1];
  else if (chart.log) return logAxis(low, high);
  else if (isPercent || chart.zoomed) {
    const room = Math.max((high - low) * 0.05, isPercent ? 0.005 : Math.abs(high) * 0.001, 1e-12);
    [low, high] = [low < 0 ? low - room : Math.max(low - room, 0), isPercent ? Math.min(high + room, 1) : high + room];
  } else {
    [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    if (high === low) high = 1;
  }
  return chart.log ? logAxis(low, high) : linearAxis(low, high);
}

function xAxis(chart) {
  const { from, to, last, xScale } = chart.settings;
  const ticks = chart.width < 420 ? 4 : 8;
  if (from !== null) return wholeAxis(from / xScale, to / xScale, ticks);
  let end = last ?? 0;
  for (const line of chart.lines.values()) if (line.points.length) end = Math.max(end, line.points.at(-1)[0]);
  end = Math.max(end / xScale, xScale > 1 ? 1 : 2);
  return wholeAxis(0, Math.max(1, linearAxis(0, end, ticks).max), ticks);
}

// The words of the marks, in rows above the plot: those that would lie over another are left to the crosshair's words.
function markRows(chart, x) {
  const { marks, xScale } = chart.settings;
  const width = chart.width - 70;
  const rows = [];
  const placed = marks.map(mark => {
    const at = mark.x / xScale;
    if (at < x.min || at > x.max) return { ...mark, at, row: -1 };
    const pixel = (at - x.min) / (x.max - x.min) * width;
    const isLeft = pixel <= width / 2;
    const long = mark.text.length * 7 + 12;
    return { ...mark, at, isLeft, row: -1, span: isLeft ? [pixel, pixel + long] : [pixel - long, pixel] };
  });
  // From the last: those of the whole run (its best epoch, its first NaN) come before the many of its interruptions.
  for (const mark of placed.filter(mark => mark.span).reverse()) {
    const isFree = row => !rows[row]?.some(span => span[0] < mark.span[1] && mark.span[0] < span[1]);
    mark.row = [0, 1, 2].find(isFree) ?? -1;
    if (mark.row >= 0) (rows[mark.row] ??= []).push(mark.span);
  }
  return { placed, count: rows.length };
}

function options(chart) {
  const { settings } = chart;
  const css = getComputedStyle(chart.element);
  const colour = name => css.getPropertyValue(name).trim();
  chart.log = settings.log;
  chart.format = settings.format;
  chart.zoomed = settings.from !== null;
  const x = xAxis(chart);
  [chart.from, chart.to] = [x.min, x.max];
  const visible = [...chart.lines.values()].filter(line => !settings.hidden.includes(line.key));
  chart.visible = visible;
  const shown = y => y === null || (settings.log && y <= 0) ? null : settings.log ? Math.log10(y) : y;
  const lines = visible.map(line => ({
    name: line.name, type: 'line', data: line.points.map(([px, py]) => [px / settings.xScale, shown(py)]),
  }));
  const { ticks, step, ...y } = yAxis(chart, lines);
  const digits = Math.min(2, Math.max(0, Math.ceil(-Math.log10(step * 100) - 1e-9)));
  const formatY = value => settings.format === 'percent' ? percent(value, digits) : number(value);
  const formatX = value => Math.round((value - x.min) / x.step) % x.every === 0 ? number(+(+value).toFixed(6), 9) : '';
  const marks = markRows(chart, x);
  const text = { colors: colour('--soft'), fontSize: '11px' };
  return {
    series: lines,
    colors: visible.map(line => colour(line.colour)),
    stroke: { width: visible.map(line => line.markers ? 2 : 1.4), curve: 'straight' },
    markers: { size: visible.map(line => line.markers && line.points.length < 60 ? 3.5 : 0), strokeWidth: 0 },
    xaxis: {
      type: 'numeric', min: x.min, max: x.max, tickAmount: x.tickAmount, decimalsInFloat: undefined,
      labels: { formatter: formatX, hideOverlappingLabels: true, style: text },
      axisBorder: { show: false }, axisTicks: { show: false },
    },
    // The library has only ticks at equal distances: those of a logarithmic axis are annotations, its own labels just keep their room.
    yaxis: { ...y, labels: { formatter: ticks ? () => '\u00a0' : formatY, minWidth: ticks ? 42 : 34, maxWidth: 70, style: text } },
    annotations: {
      xaxis: marks.placed.map(mark => ({
        x: mark.at, borderColor: colour(mark.colour), strokeDashArray: 4,
        label: {
          text: mark.row < 0 ? '' : mark.text, orientation: 'horizontal', borderWidth: 0, position: 'top', offsetY: -6 - 16 * mark.row,
          textAnchor: mark.isLeft ? 'start' : 'end', offsetX: mark.isLeft ? -2 : 2,
          style: { background: 'transparent', color: colour(mark.colour), fontSize: '12px', cssClass: 'chart-mark' },
        },
      })),
      yaxis: (ticks ?? []).map(tick => ({
        // The library leaves out what rounding puts beyond the plot.
        y: Math.min(Math.max(tick, y.min + 1e-6), y.max - 1e-6), borderColor: colour('--line'), strokeDashArray: 0,
        label: {
          text: number(10 ** tick), position: 'left', textAnchor: 'end', offsetX: -8, offsetY: 7, borderWidth: 0,
          style: { background: 'transparent', color: colour('--soft'), fontSize: '11px', cssClass: 'chart-tick' },
        },
      })),
    },
    grid: {
      borderColor: colour('--line'), padding: { left: 8, right: 10, top: -16 + 16 * marks.count, bottom: -6 },
      yaxis: { lines: { show: !ticks } },
    },
  };
}

function fixed(chart) {
  return {
    chart: {
      type: 'line', height: chart.settings.height, fontFamily: 'inherit', background: 'transparent',
      animations: { enabled: false }, toolbar: { show: false, autoSelected: 'zoom' },
      zoom: { enabled: true, type: 'x', allowMouseWheelZoom: false },
      redrawOnParentResize: true,
      events: {
        beforeZoom: (_, { xaxis }) => {
          zoom(chart, xaxis.min, xaxis.max);
          return { xaxis: { min: chart.from, max: chart.to } };
        },
      },
    },
    legend: { show: false }, dataLabels: { enabled: false },
    tooltip: { enabled: false },
  };
}

function zoom(chart, min, max) {
  const { xScale } = chart.settings;
  const from = Math.max(0, Math.min(min, max) * xScale);
  const to = Math.max(min, max) * xScale;
  if (to - from >= 1) chart.reference.invokeMethodAsync('Zoomed', from, to);
}

function schedule(chart, whole = false) {
  chart.dirty = true;
  chart.whole ||= whole;
  if (document.hidden || chart.frame) return;
  chart.frame = requestAnimationFrame(() => {
    chart.frame = 0;
    if (!chart.dirty || !charts.has(chart.element)) return;
    draw(chart);
    chart.crosshair?.refresh();
    chart.dirty = chart.whole = false;
    chart.element.dataset.drawn = Math.max(0, ...[...chart.lines.values()].map(line => line.points.at(-1)?.[0] ?? 0));
  });
}

function draw(chart) {
  clearTimeout(chart.settling);
  chart.width = chart.element.clientWidth;
  const next = { width: chart.width, ...options(chart) };
  // The library lays everything out again for every point, tens of milliseconds each time. While the axes stay, only the lines get longer.
  if (!chart.whole && prolong(chart, next)) {
    // Its own points, which a resize asks for, follow when it gets quiet.
    chart.settling = setTimeout(() => schedule(chart, true), 1000);
    return;
  }
  // Before the library gets the options: it changes them.
  chart.drawn = shapeOf(next);
  const { width, ...all } = next;
  chart.apex.updateOptions(all, false, false, false);
}

// Everything of a drawing but the points of lines without markers.
const shapeOf = ({ width, series, markers, xaxis, yaxis, annotations, colors }) => JSON.stringify([
  width, xaxis.min, xaxis.max, yaxis.min, yaxis.max, markers.size, colors,
  [...annotations.xaxis, ...annotations.yaxis].map(mark => [mark.x ?? mark.y, mark.label.text]),
  series.map((line, i) => [line.name, markers.size[i] > 0 ? line.data : line.data.length > 1]),
]);

// Draws the lines over the axes that are there; false when they don't fit or have gaps.
function prolong(chart, next) {
  if (shapeOf(next) !== chart.drawn || next.series.some(line => line.data.some(point => point[1] === null))) return false;
  const { gridWidth, gridHeight, minX, maxX, minYArr: [low], maxYArr: [high] } = chart.apex.w.globals;
  const paths = next.series.map((_, i) => chart.element.querySelector(`.apexcharts-series[data\\:realIndex="${i}"] path.apexcharts-line`));
  if (paths.some((path, i) => !path && next.series[i].data.length > 0)) return false;
  const place = ([x, y]) => `${((x - minX) / (maxX - minX) * gridWidth).toFixed(1)} ${(gridHeight - (y - low) / (high - low) * gridHeight).toFixed(1)}`;
  next.series.forEach((line, i) => {
    const inside = chart.zoomed ? line.data.filter(point => point[0] >= minX && point[0] <= maxX) : line.data;
    if (next.markers.size[i] === 0 && inside.length > 1) paths[i].setAttribute('d', `M ${inside.map(place).join(' L ')}`);
  });
  return true;
}

function apply(chart, change) {
  if (change.settings) chart.settings = change.settings;
  if (change.lines) {
    const old = chart.lines;
    chart.lines = new Map(change.lines.map(line => [line.key, { ...line, points: old.get(line.key)?.points ?? [] }]));
  }
  for (const { key, keep, tail } of change.points) {
    const line = chart.lines.get(key);
    line.points.length = Math.min(keep, line.points.length);
    for (let i = 0; i < tail.length; i += 2) line.points.push([tail[i], tail[i + 1]]);
  }
}

/** Draws a chart into an element; `change` holds everything. */
export async function create(element, reference, change) {
  await load();
  if (!element?.isConnected) return;
  const chart = { element, reference, lines: new Map(), settings: undefined, dirty: false, frame: 0, width: element.clientWidth };
  apply(chart, change);
  charts.set(element, chart);
  const plot = document.createElement('div');
  element.append(plot);
  chart.apex = new ApexCharts(plot, { ...fixed(chart), ...options(chart) });
  await chart.apex.render();
  if (!charts.has(element)) return;
  chart.crosshair = crosshair(element, chart);
  schedule(chart, true);
}

/** Adds what is new: `settings` and `lines` when they changed, and per line how many points to keep and what follows them. */
export function update(element, change) {
  if (!element) return;
  const chart = charts.get(element);
  if (!chart) return;
  apply(chart, change);
  schedule(chart);
}

export function destroy(element) {
  if (!element) return;
  const chart = charts.get(element);
  if (!chart) return;
  charts.delete(element);
  cancelAnimationFrame(chart.frame);
  clearTimeout(chart.settling);
  chart.crosshair?.remove();
  chart.apex.destroy();
}

document.addEventListener('themechanged', () => { for (const chart of charts.values()) schedule(chart, true); });
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) for (const chart of charts.values()) if (chart.dirty) schedule(chart);
});
