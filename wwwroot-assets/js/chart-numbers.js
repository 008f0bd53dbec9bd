// How charts write numbers and where their axes begin, end and have ticks. Plain numbers in, plain values out.

const factors = [1, 2, 5];

export function number(value, digits = 3) {
  if (value === null || value === undefined) return 'NaN';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e5))
    return value.toExponential(1).replace('.0e', 'e').replace('e-', 'e−').replace('e+', 'e');
  return String(+value.toPrecision(size >= 1000 ? 4 : digits));
}

export function percent(value, digits = 2) {
  if (value === null || value === undefined) return 'NaN';
  const text = (value * 100).toFixed(digits);
  // As everywhere, 100 % are all of them: what only rounds up to it stays below.
  return `${value < 1 - 1e-9 && Number(text) >= 100 ? (100 - 10 ** -digits).toFixed(digits) : text} %`;
}

// A step of 1, 2 or 5 times a power of ten, so that at most `ticks` of them span the range.
function niceStep(range, ticks) {
  const rough = range / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([...factors, 10].find(factor => factor * power >= rough * 0.999) ?? 10);
}

const isWhole = value => Math.abs(value - Math.round(value)) < 1e-6;

/** An x axis of whole epochs or steps. `every`: of how many ticks one has room for its number. */
export function wholeAxis(from, to, ticks) {
  let step = Math.max(1, niceStep(to - from, 10));
  // The page hands over a range that is whole ticks of some such step; the first that fits both ends is it.
  while (step < to - from && !(isWhole(from / step) && isWhole(to / step))) step = niceStep(step * 1.5, 1);
  const count = Math.max(1, Math.round((to - from) / step));
  return { min: from, max: to, tickAmount: count, step: (to - from) / count, every: niceStep(Math.max(count, ticks), ticks) };
}

/** An axis whose ends are ticks. */
export function linearAxis(low, high, ticks = 5) {
  const step = niceStep(high - low, ticks);
  const min = Math.floor(low / step + 1e-9) * step;
  const max = Math.max(Math.ceil(high / step - 1e-9) * step, min + step);
  return { min, max, step, tickAmount: Math.max(1, Math.round((max - min) / step)) };
}

/** A y axis over powers of ten, from and to logarithms; over less than two powers also 2 and 5 times them. */
export function logAxis(low, high) {
  const wide = high - low > 2;
  const ticks = [];
  for (let power = Math.floor(low) - 1; power <= Math.ceil(high) + 1; power++)
    for (const factor of wide ? [1] : factors) ticks.push(power + Math.log10(factor));
  const first = ticks.findLastIndex(tick => tick <= low + 1e-9);
  const last = Math.max(ticks.findIndex(tick => tick >= high - 1e-9), first + 1);
  const every = Math.ceil((last - first) / 8);
  return {
    min: ticks[first], max: ticks[last], step: 0, tickAmount: 1,
    ticks: ticks.slice(first, last + 1).filter((_, i) => i % every === 0),
  };
}
