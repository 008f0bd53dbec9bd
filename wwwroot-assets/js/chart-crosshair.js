// The line at the pointed place and the words beside it. The charts of a page share it: pointing at one shows the same place in all.
import { number, percent } from './chart-numbers.js';

const shown = new Set();
// Where somebody points: in steps, the unit that all charts of a page have in common.
let place = null;
let frame = 0;

const escape = text => text.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

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

// From steps and values to pixels of the chart's element, as the library laid the plot out.
function layout({ apex, settings }) {
  const { translateX: left, translateY: top, gridWidth: width, gridHeight: height, minX, maxX, ...y } = apex.w.globals;
  const [low, high] = [y.minYArr[0], y.maxYArr[0]];
  const { xScale, log } = settings;
  return {
    left, top, width, height,
    x: step => left + (step / xScale - minX) / (maxX - minX) * width,
    y: value => top + height - ((log ? Math.log10(value) : value) - low) / (high - low) * height,
    step: x => (minX + (x - left) / width * (maxX - minX)) * xScale,
  };
}

// The nearest point of any line that has points of its own, so that the line stands where there is something to read.
function snap(chart, plot, x) {
  const at = plot.step(x);
  let best;
  for (const line of chart.visible) {
    const point = line.level ? undefined : nearest(line.points, at);
    if (point && (best === undefined || Math.abs(point[0] - at) < Math.abs(best - at))) best = point[0];
  }
  const inside = best !== undefined && plot.x(best) >= plot.left - 1 && plot.x(best) <= plot.left + plot.width + 1;
  return inside ? best : Math.round(at);
}

const unit = ({ settings }, step) =>
  settings.xScale > 1 ? `${settings.xLabel} ${number(step / settings.xScale, 4)}` : `${settings.stepWord} ${number(step, 9)}`;

// Each line says its value at the place; one that has none just there says of which place its nearest is.
function words(chart, plot, at, dots) {
  const { settings } = chart;
  const value = y => settings.format === 'percent' ? percent(y) : number(y, 4);
  const rows = chart.visible.map(line => {
    const point = line.level ? line.points[0] : nearest(line.points, at);
    if (!point) return '';
    const isElsewhere = !line.level && Math.abs(plot.x(point[0]) - plot.x(at)) > 3;
    if (!line.level && !isElsewhere && point[1] !== null && !(settings.log && point[1] <= 0)) dots.push([line.colour, point]);
    const where = isElsewhere ? ` <span class="soft">${escape(unit(chart, point[0]))}</span>` : '';
    return `<div><i style="background:var(${line.colour})"></i>${escape(line.name)} <b>${value(point[1])}</b>${where}</div>`;
  });
  const marks = settings.marks.filter(mark => Math.abs(plot.x(mark.x) - plot.x(at)) <= 3)
    .map(mark => `<div style="color:var(${mark.colour})">${escape(mark.text)}</div>`);
  const step = `${escape(settings.stepWord)} ${number(at, 9)}`;
  const head = settings.xScale > 1 ? `${escape(unit(chart, at))} · ${step}` : step;
  return `<div class="soft">${head}</div>${rows.join('')}${marks.join('')}`;
}

function draw(chart) {
  const plot = place === null ? undefined : layout(chart);
  const x = plot?.x(place);
  const isInside = plot && plot.width > 0 && x >= plot.left - 1 && x <= plot.left + plot.width + 1;
  chart.cross.hidden = !isInside;
  if (!isInside) return;
  const dots = [];
  const text = words(chart, plot, place, dots);
  const room = chart.element.clientWidth;
  const side = x > room / 2 ? `right:${room - x + 10}px;max-width:${x - 10}px` : `left:${x + 10}px;max-width:${room - x - 10}px`;
  chart.cross.innerHTML = `<div class="chart-line" style="left:${x}px;top:${plot.top}px;height:${plot.height}px"></div>`
    + dots.map(([colour, [step, y]]) =>
      `<i class="chart-dot" style="background:var(${colour});left:${plot.x(step)}px;top:${plot.y(y)}px"></i>`).join('')
    + `<div class="chart-tip" style="top:${plot.top + 4}px;${side}">${text}</div>`;
}

function drawAll() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    for (const chart of shown) draw(chart);
  });
}

function pointAt(step) {
  if (step === place) return;
  place = step;
  drawAll();
}

/** Lets a chart, drawn in the element, take part; what comes back draws its line again (the chart has changed) or takes it away. */
export function crosshair(element, chart) {
  if (!element || !chart) return undefined;
  const stop = new AbortController();
  const on = (name, act) => element.addEventListener(name, act, { signal: stop.signal });
  const follow = event => {
    const plot = layout(chart);
    const box = element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const isInside = x >= plot.left && x <= plot.left + plot.width && y >= plot.top && y <= plot.top + plot.height;
    pointAt(isInside ? snap(chart, plot, x) : null);
  };
  chart.cross = document.createElement('div');
  chart.cross.className = 'chart-cross';
  chart.cross.hidden = true;
  element.append(chart.cross);
  on('pointermove', follow);
  on('pointerdown', follow);
  // A finger that is lifted has left too, but its owner still reads.
  on('pointerleave', event => { if (event.pointerType !== 'touch') pointAt(null); });
  shown.add(chart);
  return {
    refresh: () => draw(chart),
    remove: () => {
      stop.abort();
      shown.delete(chart);
      chart.cross.remove();
      if (shown.size === 0) place = null;
    },
  };
}

document.addEventListener('pointerdown', event => { if (!event.target.closest?.('.line-chart')) pointAt(null); });
