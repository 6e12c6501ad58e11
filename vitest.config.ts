// One test run for the whole workspace, straight from the sources.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['kaon-source'] },
  ssr: { resolve: { conditions: ['kaon-source'], externalConditions: ['kaon-source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    typecheck: {
      enabled: true,
      include: ['packages/*/{src,test}/**/*.test-d.ts'],
      tsconfig: './tsconfig.json',
      // Faults in the sources are the business of `pnpm types`.
      ignoreSourceErrors: true,
    },
    pool: 'threads',
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
