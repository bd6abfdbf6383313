import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/closing-line-reporter.ts';

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    // The page asks at most once in a second, and other suites run meanwhile.
    expect: { poll: { timeout: 10_000 } },
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/observe-secrets.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // By default a core is left free: one worker on a machine of two. Most files here wait for other programs.
    maxWorkers: '100%',
    reporters: ['default', new ClosingLineReporter()],
  },
});
