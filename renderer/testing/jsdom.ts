/* What jsdom lacks of a browser and the page's libraries count on. Import it for its effect. */

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
