// The clipboard is only there on https and localhost; elsewhere the old way still works.
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(() => true, () => false);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

// Says on the button for a moment how it went.
export async function copyFor(button, text) {
  if (!button) return;
  const word = button.textContent;
  button.textContent = await copyText(text) ? button.dataset.done : button.dataset.failed;
  setTimeout(() => { button.textContent = word; }, 1500);
}

export function attach(button) {
  button?.addEventListener('click', () => copyFor(button, button.dataset.text));
}
