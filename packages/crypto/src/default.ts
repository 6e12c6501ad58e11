// The provider to use where nobody says which.

import { isKernelSupported } from './kernel/kernel.ts';
import { kernelCrypto } from './kernel/provider.ts';
import { nodeCrypto } from './node/provider.ts';
import type { CryptoProvider } from './provider.ts';

/** The best one there is here: `kernelCrypto` if WebAssembly has SIMD, else `nodeCrypto`. */
export const defaultCrypto: CryptoProvider = isKernelSupported() ? kernelCrypto : nodeCrypto;
