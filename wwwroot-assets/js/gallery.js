// The gallery's share of work that must not wait for the server: columns, arrow keys, pictures whose file is gone, the large view.
const gap = 16;
const attached = new WeakMap();

export function attach(root, view) {
  if (!root) return;
  const stop = new AbortController();
  const on = (target, name, act, options) => target.addEventListener(name, act, { ...options, signal: stop.signal });
  let scrolled = false;
  const widths = new ResizeObserver(() => view.invokeMethodAsync('SetColumns', columnsOf(root.clientWidth)));
  widths.observe(root);
  attached.set(root, { stop, widths });
  on(document, 'scroll', () => {
    const now = root.getBoundingClientRect().top < -40;
    if (now !== scrolled) view.invokeMethodAsync('SetScrolled', scrolled = now);
  }, { capture: true, passive: true });
  on(root, 'error', e => e.target.closest?.('.thumb')?.classList.add('missing'), { capture: true });
  on(root, 'load', e => e.target.closest?.('.thumb')?.classList.remove('missing'), { capture: true });
  on(root, 'keydown', e => walk(root, e));
  // Pictures that failed before the listeners were there.
  for (const img of root.querySelectorAll('.thumb img'))
    if (img.complete && img.naturalWidth === 0 && img.src) img.closest('.thumb').classList.add('missing');
}

export function detach(root) {
  if (!root) return;
  const its = attached.get(root);
  its?.stop.abort();
  its?.widths.disconnect();
  attached.delete(root);
}

export function open(dialog) {
  if (dialog?.isConnected && !dialog.open) dialog.showModal();
}

// Brings a card on screen and gives it the focus; its row may have to be drawn first.
export function reveal(root, index, tries = 40) {
  if (!root?.isConnected) return;
  const card = root.querySelector(`.shot[data-index="${index}"]`);
  if (card) {
    card.scrollIntoView({ block: 'nearest' });
    card.focus({ preventScroll: true });
    return;
  }
  if (tries === 40) {
    const shots = root.querySelector('.shots');
    if (!shots) return;
    const row = Math.floor(index / root.dataset.columns);
    const y = shots.getBoundingClientRect().top + row * root.dataset.rowHeight - innerHeight / 2;
    scrollerOf(shots).scrollBy({ top: y, behavior: 'instant' });
  }
  if (tries > 0) setTimeout(() => reveal(root, index, tries - 1), 50);
}

function columnsOf(width) {
  const least = width < 560 ? 150 : 200;
  return Math.max(1, Math.floor((width + gap) / (least + gap)));
}

function walk(root, e) {
  const card = e.target.closest('.shot');
  if (!card || e.ctrlKey || e.metaKey || e.altKey) return;
  const at = Number(card.dataset.index), columns = Number(root.dataset.columns), last = root.dataset.total - 1;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - columns, ArrowDown: at + columns, Home: 0, End: last }[e.key];
  if (to === undefined) return;
  e.preventDefault();
  if (to >= 0 && to <= last) reveal(root, to);
}

function scrollerOf(element) {
  for (let e = element.parentElement; e; e = e.parentElement)
    if (e.scrollHeight > e.clientHeight && /auto|scroll/.test(getComputedStyle(e).overflowY)) return e;
  return document.scrollingElement;
}
