import type { TestContext } from 'vitest';

/** One row of the table in docs/trust.md. */
export type Figure = {
  /** The attack or the fault, in a few words. */
  threat: string;
  /** How many were tried, and how many of them ended as they should. */
  tried: number;
  survived: number;
  /** What else was measured, with units; empty where nothing was. */
  figure: string;
};

declare module 'vitest' {
  interface TaskMeta {
    trust?: Figure[];
  }
}

/** Whether every attack runs in full, as `npm run trust` asks; `npm test` runs fewer of each. */
export const IN_FULL = process.env.TIMBREL_TRUST === 'full';

/** How many of an attack to run: `few` under `npm test`, `all` under `npm run trust`. */
export const count = (few: number, all: number): number => (IN_FULL ? all : few);

/** Hands a row to `npm run trust`. Call it before the assertions, so that a failure is in the table too. */
export function record({ task }: Pick<TestContext, 'task'>, figure: Figure): void {
  task.meta.trust = [...(task.meta.trust ?? []), figure];
}
