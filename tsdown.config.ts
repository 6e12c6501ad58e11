// Builds every published package to ESM with declarations and source maps: `pnpm build`.
import { defineConfig, type UserConfig } from 'tsdown';

const config: UserConfig = defineConfig({
  workspace: { include: ['packages/*'], exclude: ['packages/turn'] },
  entry: 'src/{index,node/index,noble/index}.ts',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  dts: { oxc: true, sourcemap: true },
  sourcemap: true,
  outExtensions: () => ({ js: '.js', dts: '.d.ts' }),
});

export default config;
