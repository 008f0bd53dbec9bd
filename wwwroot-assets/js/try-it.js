// Hands a pasted image to the file input of the page, as if it had been chosen.
let input;

function paste(event) {
  const files = [...(event.clipboardData?.files ?? [])].filter(file => file.type.startsWith('image/'));
  if (!files.length || !input || input.disabled) return;
  event.preventDefault();
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

export function attach(root) {
  input = root.querySelector('input[type=file]');
  document.addEventListener('paste', paste);
}

export function detach() {
  input = undefined;
  document.removeEventListener('paste', paste);
}
