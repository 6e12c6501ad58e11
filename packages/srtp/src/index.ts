// SRTP and SRTCP contexts (RFC 3711, 7714): an empty room for now.
export {};
