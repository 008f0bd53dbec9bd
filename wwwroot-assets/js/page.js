// What the page's circuit has to know of its browser tab, and the keys that work everywhere.
let page;

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function keyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector('.mud-dialog')) return;
  if (event.key === 'n') page?.invokeMethodAsync('Go', '/new');
  else if (event.key === '/') {
    event.preventDefault();
    const search = document.querySelector('[data-search]');
    if (search) search.focus();
    else page?.invokeMethodAsync('Go', '/?focus=search');
  }
}

function visibility() {
  page?.invokeMethodAsync('VisibilityChanged', !document.hidden);
}

export function attach(reference) {
  page = reference;
  document.addEventListener('visibilitychange', visibility);
  document.addEventListener('keydown', keyDown);
  return !document.hidden;
}

export function detach() {
  page = undefined;
  document.removeEventListener('visibilitychange', visibility);
  document.removeEventListener('keydown', keyDown);
}

// Brings a field of a form on screen and puts the cursor into it.
export function reveal(id) {
  const field = document.getElementById(id);
  field?.scrollIntoView({ block: 'center' });
  field?.querySelector('input, select, textarea, button')?.focus({ preventScroll: true });
}
