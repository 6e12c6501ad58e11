// Brings the inlined packet kernel up to date. Runs behind every `pnpm install`.
import { updateKernelModule } from './kernel-build.ts';

console.log(`packet kernel: ${await updateKernelModule()}`);
