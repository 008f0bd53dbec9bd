// ApexCharts behind two verbs. The page sends what is new; this keeps the points, draws at most once per frame,
// and not at all while the tab is hidden (it draws once when the tab is shown).
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

const escape = text => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

function number(value, digits = 3) {
  if (value === null || value === undefined) return 'NaN';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e5)) return value.toExponential(1).replace('.0e', 'e').replace('e-', 'e−').replace('e+', 'e');
  return String(+value.toPrecision(size >= 1000 ? 4 : digits));
}

function percent(value, zoomed) {
  if (value === null || value === undefined) return 'NaN';
  const digits = zoomed ? 2 : 1;
  const text = (value * 100).toFixed(digits);
  // As everywhere, 100 % are all of them: what only rounds up to it stays below.
  return `${value < 1 - 1e-9 && Number(text) >= 100 ? (100 - 10 ** -digits).toFixed(digits) : text} %`;
}

// A step of 1, 2 or 5 times a power of ten, so that at most `ticks` of them span the range.
function niceStep(range, ticks) {
  const rough = range / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find(factor => factor * power >= rough * 0.999) ?? 10);
}

function yRange(chart, lines) {
  let low = Infinity;
  let high = -Infinity;
  for (const line of lines)
    for (const [x, y] of line.data) {
      if (y === null || x < chart.from || x > chart.to) continue;
      if (y < low) low = y;
      if (y > high) high = y;
    }
  if (low > high) return chart.log ? { min: -2, max: 0, tickAmount: 2 } : { min: 0, max: 1, tickAmount: 5 };
  if (chart.format === 'percent' && high - low < 0.05) { low -= 0.03; high += 0.02; }
  else if (!chart.log && low > 0 && low < high * 0.6) low = 0;
  if (high - low < 1e-12) { const pad = Math.abs(high) * 0.1 || 0.1; low -= pad; high += pad; }
  const step = niceStep(high - low, 5);
  let min = Math.floor(low / step + 1e-9) * step;
  let max = Math.ceil(high / step - 1e-9) * step;
  if (chart.format === 'percent') { min = Math.max(min, 0); max = Math.min(max, 1); }
  if (max <= min) max = min + step;
  return { min, max, tickAmount: Math.max(1, Math.round((max - min) / step)) };
}

function xRange(chart) {
  if (chart.settings.from !== null) {
    return { min: chart.settings.from / chart.settings.xScale, max: chart.settings.to / chart.settings.xScale, tickAmount: 6 };
  }
  let last = chart.settings.last ?? 0;
  for (const line of chart.lines.values()) if (line.points.length) last = Math.max(last, line.points.at(-1)[0]);
  last = Math.max(last / chart.settings.xScale, chart.settings.xScale > 1 ? 1 : 2);
  const step = Math.max(1, niceStep(last, chart.width < 420 ? 4 : 8));
  const max = Math.ceil(last / step - 1e-9) * step;
  return { min: 0, max, tickAmount: Math.max(1, Math.round(max / step)) };
}

function options(chart) {
  const { settings } = chart;
  const css = getComputedStyle(chart.element);
  const colour = name => css.getPropertyValue(name).trim();
  chart.log = settings.log;
  chart.format = settings.format;
  chart.zoomed = settings.from !== null;
  const x = xRange(chart);
  [chart.from, chart.to] = [x.min, x.max];
  const visible = [...chart.lines.values()].filter(line => !settings.hidden.includes(line.key));
  chart.visible = visible;
  const shown = y => y === null || (settings.log && y <= 0) ? null : settings.log ? Math.log10(y) : y;
  const lines = visible.map(line => ({
    name: line.name, type: 'line', data: line.points.map(([px, py]) => [px / settings.xScale, shown(py)]),
  }));
  const y = yRange(chart, lines);
  const formatY = value => {
    const real = settings.log ? 10 ** value : value;
    return settings.format === 'percent' ? percent(real, y.max - y.min < 0.05).replace('.0 %', ' %') : number(real, settings.log ? 2 : 3);
  };
  return {
    series: lines,
    colors: visible.map(line => colour(line.colour)),
    stroke: { width: visible.map(line => line.markers ? 2 : 1.4), curve: 'straight' },
    markers: { size: visible.map(line => line.markers && line.points.length < 60 ? 3.5 : 0), strokeWidth: 0, hover: { size: 4 } },
    xaxis: {
      type: 'numeric', ...x, decimalsInFloat: undefined,
      labels: { formatter: value => number(+value, 4), hideOverlappingLabels: true, style: { colors: colour('--soft'), fontSize: '11px' } },
      axisBorder: { show: false }, axisTicks: { show: false }, tooltip: { enabled: false },
      crosshairs: { stroke: { color: colour('--soft'), width: 1, dashArray: 3 } },
    },
    yaxis: { ...y, labels: { formatter: formatY, minWidth: 34, maxWidth: 70, style: { colors: colour('--soft'), fontSize: '11px' } } },
    annotations: {
      xaxis: settings.marks.map((mark, row) => ({
        x: mark.x / settings.xScale, borderColor: colour(mark.colour), strokeDashArray: 4,
        label: {
          // A good accuracy runs along the top, a loss that falls along the bottom: the word stands where the line isn't.
          text: mark.text, orientation: 'horizontal', borderWidth: 0,
          position: settings.format === 'percent' ? 'bottom' : 'top', offsetY: settings.format === 'percent' ? -8 - 16 * row : 2 + 16 * row,
          textAnchor: mark.x / settings.xScale > (x.min + x.max) / 2 ? 'end' : 'start',
          offsetX: mark.x / settings.xScale > (x.min + x.max) / 2 ? -4 : 4,
          style: { background: 'transparent', color: colour(mark.colour), fontSize: '12px', cssClass: 'chart-mark' },
        },
      })),
    },
    grid: { borderColor: colour('--line'), padding: { left: 8, right: 10, top: -16, bottom: -6 } },
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
    tooltip: { shared: false, intersect: false, custom: ({ seriesIndex, dataPointIndex }) => tooltip(chart, seriesIndex, dataPointIndex) },
  };
}

function zoom(chart, min, max) {
  const { xScale } = chart.settings;
  const from = Math.max(0, Math.min(min, max) * xScale);
  const to = Math.max(min, max) * xScale;
  if (to - from >= 1) chart.reference.invokeMethodAsync('Zoomed', from, to);
}

// All lines at the hovered place: each says its nearest point, so that lines with a point per step and per epoch go together.
function tooltip(chart, seriesIndex, dataPointIndex) {
  const { settings } = chart;
  const at = chart.visible[seriesIndex]?.points[dataPointIndex]?.[0];
  if (at === undefined) return '';
  const value = y => settings.format === 'percent' ? percent(y, true) : number(y, 4);
  const rows = chart.visible.map(line => {
    const point = nearest(line.points, at);
    return point ? `<div><i style="background:var(${line.colour})"></i>${escape(line.name)} <b>${value(point[1])}</b></div>` : '';
  });
  const step = `${escape(settings.stepWord)} ${number(at, 9)}`;
  const head = settings.xScale > 1 ? `${escape(settings.xLabel)} ${number(at / settings.xScale, 4)} · ${step}` : step;
  return `<div class="chart-tip"><div class="soft">${head}</div>${rows.join('')}</div>`;
}

function nearest(points, x) {
  let low = 0;
  let high = points.length - 1;
  if (high < 0) return undefined;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle][0] < x) low = middle + 1; else high = middle;
  }
  return low > 0 && x - points[low - 1][0] <= points[low][0] - x ? points[low - 1] : points[low];
}

function schedule(chart, whole = false) {
  chart.dirty = true;
  chart.whole ||= whole;
  if (document.hidden || chart.frame) return;
  chart.frame = requestAnimationFrame(() => {
    chart.frame = 0;
    if (!chart.dirty || !charts.has(chart.element)) return;
    draw(chart);
    chart.dirty = chart.whole = false;
    chart.element.dataset.drawn = Math.max(0, ...[...chart.lines.values()].map(line => line.points.at(-1)?.[0] ?? 0));
  });
}

function draw(chart) {
  clearTimeout(chart.settling);
  chart.width = chart.element.clientWidth;
  const next = { width: chart.width, ...options(chart) };
  // The library lays everything out again for every point, tens of milliseconds each time. While the axes stay, only the lines get longer.
  if (!chart.whole && !chart.element.matches(':hover') && prolong(chart, next)) {
    // Its own points, which a resize or the tooltip asks for, follow when it gets quiet or somebody points at the chart.
    chart.isAhead = true;
    chart.settling = setTimeout(() => schedule(chart, true), 1000);
    return;
  }
  // Before the library gets the options: it changes them.
  [chart.drawn, chart.isAhead] = [shapeOf(next), false];
  const { width, ...all } = next;
  chart.apex.updateOptions(all, false, false, false);
}

// Everything of a drawing but the points of lines without markers.
const shapeOf = ({ width, series, markers, xaxis, yaxis, annotations, colors }) => JSON.stringify([
  width, xaxis.min, xaxis.max, yaxis.min, yaxis.max, markers.size, colors, annotations.xaxis.map(mark => [mark.x, mark.label.text]),
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
  chart.apex = new ApexCharts(element, { ...fixed(chart), ...options(chart) });
  await chart.apex.render();
  element.addEventListener('pointerenter', () => { if (chart.isAhead) schedule(chart, true); });
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
  chart.apex.destroy();
}

document.addEventListener('themechanged', () => { for (const chart of charts.values()) schedule(chart, true); });
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) for (const chart of charts.values()) if (chart.dirty) schedule(chart);
});
