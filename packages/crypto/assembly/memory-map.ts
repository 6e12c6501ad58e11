// Where everything lies in the module's memory. Addresses are fixed: nothing is ever allocated in here.

// From 0x100 on, where the build script says, are the vectors that the module brings with it. They are not
// constants in the code because engines build such a one anew wherever it stands, which takes several
// instructions; a load is one.

/** Keys, nonces and midstates of one call. Also the scratch of what needs a little memory for its length. */
export const PARAMETERS: usize = 0x400;
/** Working memory that no caller looks at. */
export const SCRATCH: usize = 0x800;
/** Results shorter than a packet: up to four codes of 20 bytes. */
export const RESULT: usize = 0x1800;
/** CRC32c: sixteen tables of 256 words. */
export const CRC_TABLES: usize = 0x4000;
/** GHASH: {@link GHASH_SLOTS} tables of {@link GHASH_TABLE_BYTES}. */
export const GHASH_TABLES: usize = 0x10000;
export const GHASH_TABLE_BYTES: usize = 2048;
export const GHASH_SLOTS: i32 = 256;
/**
 * The packet: ciphertext or plaintext, with its tag behind it. Additional data ends here, padded to whole
 * blocks, so that what is authenticated lies in one piece; 64 KiB are free for it in front.
 */
export const PACKET: usize = 0xb0000;
/** Four messages of up to {@link LANE_BYTES}, padding included. They lie where the packet does. */
export const LANE_BYTES: usize = 0x4000;
/** Keystream of the packet, or the counter blocks it is made of. */
export const KEYSTREAM: usize = 0xc1000;
/** Keystream made ahead: 192 places of 20 KiB. */
export const KEYSTREAM_SLOTS: usize = 0xe0000;
/** The end: 74 pages of 64 KiB. What was never used of them takes no memory. */
export const END: usize = 0x4a0000;
