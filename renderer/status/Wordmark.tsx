/** Tokens on a ribbon: two kept alike, one kept by its group, one ghost below. */
export function Wordmark() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <rect x="1" y="4" width="5" height="9" rx="1" fill="var(--lane-a)" />
      <rect x="7.5" y="6" width="5" height="7" rx="1" fill="var(--lane-b)" />
      <rect x="14" y="2" width="5" height="11" rx="1" fill="var(--accent)" />
      <rect x="7.5" y="14.5" width="5" height="3.5" rx="1" fill="var(--line-strong)" />
    </svg>
  );
}
