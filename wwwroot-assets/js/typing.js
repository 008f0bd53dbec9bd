// A field that somebody types in takes no answer of the server: an answer says what was typed a round trip ago, and would take the letters
// since away. What a page sets after anything else that people do (Enter, Escape, a click, leaving the field) is taken as ever.
(() => {
  const typed = new WeakSet();
  let at = null;

  function done() {
    if (at) typed.delete(at);
    at = null;
  }

  document.addEventListener('input', event => {
    const field = event.composedPath()[0];
    // Not what a script sets and tells of: nobody typed it.
    if (!event.isTrusted || !(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    if (at !== field) done();
    at = field;
    typed.add(field);
  }, true);
  document.addEventListener('keydown', event => {
    if (event.key === 'Enter' && !(event.target instanceof HTMLTextAreaElement) || event.key === 'Escape') done();
  }, true);
  document.addEventListener('pointerdown', done, true);
  document.addEventListener('focusout', done, true);
  document.addEventListener('submit', done, true);

  for (const kind of [HTMLInputElement, HTMLTextAreaElement]) {
    const value = Object.getOwnPropertyDescriptor(kind.prototype, 'value');
    Object.defineProperty(kind.prototype, 'value', {
      ...value,
      set(text) {
        if (typed.has(this) && document.activeElement === this) return;
        value.set.call(this, text);
      },
    });
    // The same for what marks the text: the next letter would replace all of it.
    for (const verb of ['select', 'setSelectionRange']) {
      const act = kind.prototype[verb];
      kind.prototype[verb] = function (...range) {
        if (!(typed.has(this) && document.activeElement === this)) act.apply(this, range);
      };
    }
  }
})();
