// Runs before the first paint. The cookie "theme" is "system-light", "system-dark", "light" or "dark", so that the server
// draws the next page in the same colours; data-theme on <html> is what the style sheet reads.
(() => {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const stored = /(?:^|; )theme=([a-z-]+)/.exec(document.cookie)?.[1] ?? 'system';
  let choice = stored.startsWith('system') ? 'system' : stored;
  let listener;

  function apply() {
    const scheme = choice === 'system' ? (dark.matches ? 'dark' : 'light') : choice;
    const value = choice === 'system' ? `system-${scheme}` : choice;
    document.documentElement.dataset.theme = scheme;
    document.cookie = `theme=${value}; path=/; max-age=31536000; samesite=lax`;
    listener?.invokeMethodAsync('SchemeChanged', scheme === 'dark');
    document.dispatchEvent(new CustomEvent('themechanged'));
    return scheme === 'dark';
  }

  dark.addEventListener('change', () => { if (choice === 'system') apply(); });
  globalThis.fineTuneTheme = {
    listen(reference) { listener = reference; return apply(); },
    set(next) { choice = next; return apply(); },
    leave() { listener = undefined; },
  };
  apply();
})();
