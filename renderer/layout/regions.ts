/** Moves the focus to the next or previous region of the window. */
export function focusRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  if (regions.length === 0) return;
  const current = regions.findIndex((region) => region.contains(document.activeElement));
  const from = current === -1 && step === -1 ? 0 : current;
  regions[(from + step + regions.length) % regions.length].focus();
}
