// Our classes stand wherever TypeScript's lib.dom wants its interfaces, for every member there is.

import { describe, expectTypeOf, it } from 'vitest';
import type * as kaon from '../src/index.ts';

/** What of `Theirs` is implemented in `Ours`. */
type Implemented<Ours, Theirs> = Pick<Theirs, keyof Ours & keyof Theirs>;

/** The members of RTCPeerConnection that come with media. */
type MediaMembers =
  | 'addTrack'
  | 'addTransceiver'
  | 'getReceivers'
  | 'getSenders'
  | 'getTransceivers'
  | 'ontrack'
  | 'removeTrack'
  | 'addEventListener'
  | 'removeEventListener';

describe('against lib.dom', () => {
  it('RTCPeerConnection has all but media', () => {
    type Missing = Exclude<keyof globalThis.RTCPeerConnection, keyof kaon.RTCPeerConnection>;
    expectTypeOf<Missing>().toExtend<MediaMembers>();
    expectTypeOf<kaon.RTCPeerConnection>().toExtend<
      Omit<globalThis.RTCPeerConnection, MediaMembers | LegacyMethods>
    >();
  });

  it('the promises of RTCPeerConnection are lib.dom’s, without the callbacks of old', () => {
    expectTypeOf<kaon.RTCPeerConnection['createOffer']>().toExtend<
      (options?: globalThis.RTCOfferOptions) => Promise<globalThis.RTCSessionDescriptionInit>
    >();
    expectTypeOf<kaon.RTCPeerConnection['createAnswer']>().toExtend<
      (options?: globalThis.RTCAnswerOptions) => Promise<globalThis.RTCSessionDescriptionInit>
    >();
    expectTypeOf<kaon.RTCPeerConnection['setLocalDescription']>().toExtend<
      (description?: globalThis.RTCLocalSessionDescriptionInit) => Promise<void>
    >();
    expectTypeOf<kaon.RTCPeerConnection['setRemoteDescription']>().toExtend<
      (description: globalThis.RTCSessionDescriptionInit) => Promise<void>
    >();
    expectTypeOf<kaon.RTCPeerConnection['addIceCandidate']>().toExtend<
      (candidate?: globalThis.RTCIceCandidateInit | null) => Promise<void>
    >();
  });

  it('all other classes are whole', () => {
    expectTypeOf<kaon.RTCDataChannel>().toExtend<globalThis.RTCDataChannel>();
    expectTypeOf<kaon.RTCDataChannelEvent>().toExtend<globalThis.RTCDataChannelEvent>();
    expectTypeOf<kaon.RTCPeerConnectionIceEvent>().toExtend<globalThis.RTCPeerConnectionIceEvent>();
    expectTypeOf<kaon.RTCPeerConnectionIceErrorEvent>().toExtend<globalThis.RTCPeerConnectionIceErrorEvent>();
    expectTypeOf<kaon.RTCSessionDescription>().toExtend<globalThis.RTCSessionDescription>();
    expectTypeOf<kaon.RTCIceCandidate>().toExtend<globalThis.RTCIceCandidate>();
    expectTypeOf<kaon.RTCIceCandidatePair>().toExtend<globalThis.RTCIceCandidatePair>();
    expectTypeOf<kaon.RTCIceTransport>().toExtend<globalThis.RTCIceTransport>();
    expectTypeOf<kaon.RTCDtlsTransport>().toExtend<globalThis.RTCDtlsTransport>();
    expectTypeOf<kaon.RTCSctpTransport>().toExtend<globalThis.RTCSctpTransport>();
    expectTypeOf<kaon.RTCCertificate>().toExtend<globalThis.RTCCertificate>();
    expectTypeOf<kaon.RTCError>().toExtend<globalThis.RTCError>();
    expectTypeOf<kaon.RTCErrorEvent>().toExtend<globalThis.RTCErrorEvent>();
    expectTypeOf<kaon.RTCStatsReport>().toExtend<globalThis.RTCStatsReport>();
  });

  it('dictionaries and constructors take what lib.dom’s take', () => {
    expectTypeOf<globalThis.RTCDataChannelInit>().toExtend<kaon.RTCDataChannelInit>();
    expectTypeOf<globalThis.RTCIceCandidateInit>().toExtend<kaon.RTCIceCandidateInit>();
    expectTypeOf<globalThis.RTCIceServer>().toExtend<kaon.RTCIceServer>();
    expectTypeOf<globalThis.RTCSessionDescriptionInit>().toExtend<kaon.RTCSessionDescriptionInit>();
    expectTypeOf<
      Omit<globalThis.RTCConfiguration, 'certificates'>
    >().toExtend<kaon.RTCConfiguration>();
    expectTypeOf<kaon.RTCTransportStats>().toExtend<Omit<globalThis.RTCTransportStats, 'type'>>();
    expectTypeOf<kaon.RTCIceCandidatePairStats>().toExtend<globalThis.RTCIceCandidatePairStats>();
  });

  it('handlers are given our events', () => {
    type Handler = Parameters<
      NonNullable<Extract<SetterOf<'ondatachannel'>, (event: never) => unknown>>
    >[0];
    expectTypeOf<Handler>().toEqualTypeOf<Event>();
    expectTypeOf<Implemented<kaon.RTCDataChannel, globalThis.RTCDataChannel>>().toHaveProperty(
      'send',
    );
  });
});

/** Their overloads with callbacks are optional and not supported (webrtc-pc §4.4.3). */
type LegacyMethods =
  | 'createOffer'
  | 'createAnswer'
  | 'setLocalDescription'
  | 'setRemoteDescription'
  | 'addIceCandidate';

type SetterOf<K extends keyof kaon.RTCPeerConnection> = kaon.RTCPeerConnection[K];
