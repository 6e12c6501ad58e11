// Runs before all tests: what they test is what assembly/ says now.
import { updateKernelModule } from '../scripts/kernel-build.ts';

export async function setup(): Promise<void> {
  await updateKernelModule();
}
