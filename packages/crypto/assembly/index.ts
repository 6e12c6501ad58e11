// The packet kernel: what JavaScript calls. Built by ../scripts/build-kernel.ts.

export { openChaCha20Poly1305, sealChaCha20Poly1305 } from './chacha20-poly1305';
export { makeCounterBlocks } from './counter-blocks';
export { crc32c, makeCrcTables } from './crc32c';
export { openGcm, sealGcm } from './gcm';
export { makeTable } from './ghash';
export { finishHmacSha1, hmacSha1, hmacSha1Lanes, makeMidstates } from './hmac-sha1';
export { addKeystream } from './padding';
