// What is measured of RTP, and what one unit of it is.
import type { Row } from '../row.ts';

export const MEASUREMENTS = [
  ['parse', 'read a packet of 1,196 B and its two header extensions'],
  ['serialise', 'write that packet'],
  ['packetise', 'VP8 frame of 11,000 B into packets'],
  ['depacketise', 'those packets into the frame'],
  ['rewrite', 'copy and rewrite 1,196 B for ten, not encrypted'],
  ['forward-video', 'forward 1,196 B to ten, AES-CM and HMAC-SHA1-80'],
  ['forward-audio', 'forward 156 B to ten, AES-CM and HMAC-SHA1-80'],
  ['forward-video-gcm', 'forward 1,196 B to ten, AES-128-GCM'],
  ['forward-audio-gcm', 'forward 156 B to ten, AES-128-GCM'],
] as const;

export type MeasurementName = (typeof MEASUREMENTS)[number][0];

export const rateRow = (name: MeasurementName, title: string): Row => ({
  key: `${name} rate`,
  title,
  unit: 'thousand packets/CPU s',
  better: 'higher',
});

export const bytesRow = (name: MeasurementName, title: string): Row => ({
  key: `${name} bytes`,
  title,
  unit: 'B allocated/packet',
  better: 'lower',
});
