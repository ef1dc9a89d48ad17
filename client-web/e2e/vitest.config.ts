import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ['*.e2e.ts'],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    // One browser and one server at a time: they share the machine's cores with what they test.
    fileParallelism: false,
  },
});
