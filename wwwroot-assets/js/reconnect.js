// Starts Blazor and says in words when the connection is lost. It tries for ever; when the server has forgotten the page
// (a restart), the page is loaded again: all its state is in the URL.
const box = document.getElementById('components-reconnect-modal');
const clock = box.querySelector('b');
let since = 0;
let timer;

function tick() {
  const seconds = Math.floor((Date.now() - since) / 1000);
  clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function begin() {
  if (timer) return;
  since = Date.now();
  tick();
  timer = setInterval(tick, 1000);
}

function end() {
  clearInterval(timer);
  timer = undefined;
}

// Loading an address of a server that is down would replace the page by the browser's own error.
async function reloadWhenBack() {
  begin();
  for (;;) {
    try {
      if ((await fetch('/health', { cache: 'no-store' })).ok) { location.reload(); return; }
    } catch { /* still away */ }
    await new Promise(next => setTimeout(next, 1000));
  }
}

box.addEventListener('components-reconnect-state-changed', ({ detail }) => {
  if (detail.state === 'hide') end();
  else if (detail.state === 'show' || detail.state === 'retrying') begin();
  else reloadWhenBack();
});

Blazor.start({
  circuit: {
    reconnectionOptions: { maxRetries: 1_000_000, retryIntervalMilliseconds: attempt => Math.min(500 * (attempt + 1), 3000) },
  },
});
