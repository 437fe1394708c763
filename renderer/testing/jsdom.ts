/* What jsdom lacks of a browser and the page's libraries count on. Import it for its effect. */
import { configure } from '@testing-library/react';

// What a test waits for comes; on a busy machine it comes late.
configure({ asyncUtilTimeout: 20_000 });

Object.assign(globalThis, {
  CSS: { escape: (name: string) => name.replace(/[^\w-]/g, '\\$&'), supports: () => false },
  ResizeObserver: class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
  matchMedia: () => ({
    matches: false,
    addEventListener: () => {},
    removeEventListener: () => {},
  }),
});
