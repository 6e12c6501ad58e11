// The public face of @kaon/crypto/noble, apart because noble takes 25 ms and more to load.

export { nobleCrypto } from './provider.ts';
