// Arrow keys inside the confusion matrix (one tab stop), and the line that says what a cell means.
export function attach(root) {
  if (!root) return;
  const words = root.querySelector('.matrix-words');
  const target = cell => cell?.firstElementChild;
  const say = e => {
    const cell = e.target.closest('td, thead th:not(.corner), tbody th');
    words.textContent = target(cell)?.title ?? '';
  };
  const step = (cell, key) => {
    const row = cell.parentElement;
    const rows = [...row.parentElement.rows];
    const down = n => rows[Math.min(Math.max(rows.indexOf(row) + n, 0), rows.length - 1)].cells[cell.cellIndex];
    const across = i => row.cells[Math.min(Math.max(i, 1), row.cells.length - 1)];
    switch (key) {
      case 'ArrowUp': return down(-1);
      case 'ArrowDown': return down(1);
      case 'PageUp': return down(-rows.length);
      case 'PageDown': return down(rows.length);
      case 'ArrowLeft': return across(cell.cellIndex - 1);
      case 'ArrowRight': return across(cell.cellIndex + 1);
      case 'Home': return across(1);
      case 'End': return across(row.cells.length - 1);
      default: return null;
    }
  };
  const move = e => {
    const cell = e.target.closest('td');
    if (!cell || e.ctrlKey || e.metaKey || e.altKey) return;
    const next = target(step(cell, e.key));
    if (!next) return;
    e.preventDefault();
    root.querySelectorAll('td > [tabindex="0"]').forEach(c => c.tabIndex = -1);
    next.tabIndex = 0;
    next.focus();
  };
  root.addEventListener('pointerover', say);
  root.addEventListener('focusin', say);
  root.addEventListener('keydown', move);
}
