// Sizes that peers and scenarios agree on, in bytes.
export const ONE_MEBIBYTE: number = 1024 * 1024;
