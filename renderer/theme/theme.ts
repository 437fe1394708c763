import type { Preferences } from '../../contract/preferences';

/** Puts a theme on the page and, for `system`, follows the system. Returns its own off switch. */
export function applyTheme(theme: Preferences['theme']): () => void {
  const root = document.documentElement;
  if (theme !== 'system') {
    root.dataset.theme = theme;
    return () => {};
  }
  const light = window.matchMedia('(prefers-color-scheme: light)');
  const follow = () => {
    root.dataset.theme = light.matches ? 'light' : 'dark';
  };
  follow();
  light.addEventListener('change', follow);
  return () => light.removeEventListener('change', follow);
}
