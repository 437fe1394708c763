import { defineConfig } from 'vitest/config';
import { softwareGpu } from './scripts/setup/software-gpu.mjs';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          environment: 'node',
          include: ['{contract,main,bench,scripts,models/training/texts}/**/*.test.ts'],
          exclude: ['**/*.devices.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          // What must hold on the CPU and on a GPU; where there is none, on one made of software.
          name: 'devices',
          environment: 'node',
          include: ['main/**/*.devices.test.ts'],
          env: softwareGpu(import.meta.dirname),
          pool: 'forks',
          testTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'page',
          environment: 'jsdom',
          include: ['renderer/**/*.test.{ts,tsx}'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          // The real app in a real window: one at a time, on the build in out/.
          name: 'app',
          environment: 'node',
          include: ['tests/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          expect: { poll: { timeout: 60_000, interval: 100 } },
        },
      },
    ],
  },
});
