// One test run for the whole workspace, straight from the sources.
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// A file that gets the results as JSON too.
const report = process.env.TEST_REPORT;

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['kaon-source'] },
  ssr: { resolve: { conditions: ['kaon-source'], externalConditions: ['kaon-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    typecheck: {
      enabled: true,
      include: ['packages/*/{src,test}/**/*.test-d.ts'],
      // Faults in the sources are the business of `pnpm types`.
      ignoreSourceErrors: true,
    },
    globalSetup: 'packages/crypto/test/up-to-date-kernel.ts',
    maxWorkers: 2,
    testTimeout: 30_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});

export default config;
