// Keeps the newest line of a log in sight until someone scrolls up, and copies it. Its listeners go with the elements.
export function attach(box) {
  const lines = box.querySelector('[data-lines]');
  const newest = box.querySelector('[data-newest]');
  const copy = box.querySelector('[data-copy]');
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
    if (!await copyText(text)) return;
    const word = copy.textContent;
    copy.textContent = copy.dataset.done;
    setTimeout(() => { copy.textContent = word; }, 1500);
  });
  new MutationObserver(() => { if (follows) toEnd(); }).observe(lines, { childList: true });
  toEnd();
}

// The clipboard is only there on https and localhost; elsewhere the old way still works.
async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
