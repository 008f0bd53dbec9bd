// Keeps the newest line of a log in sight until someone scrolls up, and copies it. Its listeners go with the elements.
const { copyFor } = await import('./copy.js' + new URL(import.meta.url).search); // of the same build

export function attach(box) {
  if (!box) return;
  const lines = box.querySelector('[data-lines]');
  const newest = box.querySelector('[data-newest]');
  const copy = box.querySelector('[data-copy]');
  if (!lines || !newest || !copy) return;
  let follows = true;

  const toEnd = () => { lines.scrollTop = lines.scrollHeight; };
  const show = () => { newest.hidden = follows; };

  lines.addEventListener('scroll', () => {
    follows = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 30;
    show();
  });
  newest.addEventListener('click', () => { follows = true; show(); toEnd(); });
  copy.addEventListener('click', async () => {
    const text = [...lines.children].map(line => line.textContent).join('\n');
    await copyFor(copy, text);
  });
  new MutationObserver(() => { if (follows) toEnd(); }).observe(lines, { childList: true });
  toEnd();
}
