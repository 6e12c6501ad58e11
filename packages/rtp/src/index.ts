// RTP, RTCP, payload formats, jitter buffer and congestion control: an empty room for now.
export {};
