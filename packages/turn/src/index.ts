// TURN (RFC 8656) client and server: an empty room for now.
export {};
