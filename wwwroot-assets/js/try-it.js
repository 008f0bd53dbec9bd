// Hands images that are pasted, or dropped anywhere on the page, to the page's file input, as if they had been chosen.
let input;

function choose(files) {
  if (!input) return;
  // The photos before are being looked at.
  if (input.disabled) { setTimeout(choose, 200, files); return; }
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

function paste(event) {
  const files = [...(event.clipboardData?.files ?? [])].filter(file => file.type.startsWith('image/'));
  if (!files.length) return;
  event.preventDefault();
  choose(files);
}

// Without this a photo that misses the field would replace the page by itself.
function drag(event) {
  if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
}

function drop(event) {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  choose(files);
}

const listeners = { paste, dragover: drag, drop };

export function attach(root) {
  if (!root) return;
  input = root.querySelector('input[type=file]');
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener);
}

export function detach() {
  input = undefined;
  for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener);
}
