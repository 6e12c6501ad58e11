// The host of the room: answers every guest, Node or browser, and serves chat, ping and files.

import { RTCPeerConnection, warmUp } from '@kaon/peerconnection';
import {
  FILE_LABEL,
  type FileHeader,
  type FileReceipt,
  MAX_RETURNED_BYTES,
  receiveFile,
  sendFile,
} from './file-channel.ts';
import { HOST_ID, type Signal, Signalling } from './signalling.ts';

/** What the host tells the terminal. */
export interface HostEvents {
  onGuest(name: string): void;
  onGuestGone(name: string, reason: string): void;
  onChat(name: string, text: string): void;
  onFileStart(name: string, header: FileHeader): void;
  onFileProgress(name: string, received: number): void;
  onFileEnd(name: string, file: FileHeader & FileReceipt): void;
  onFileFailed(name: string, reason: string): void;
}

/** Joins the room of the server at `url` (`ws://…`) as its host. */
export async function startHost(url: string, events: HostEvents): Promise<Host> {
  // So that the first guest is connected as fast as later ones.
  await warmUp();
  return new Host(await Signalling.join(url, HOST_ID), events);
}

/** One connection to each guest. */
export class Host {
  readonly #signalling: Signalling;
  readonly #events: HostEvents;
  readonly #guests = new Map<string, Guest>();

  constructor(signalling: Signalling, events: HostEvents) {
    this.#signalling = signalling;
    this.#events = events;
    signalling.onmessage = (message) => {
      if (message.type === 'joined') this.#join(message.from, message.name);
      if (message.type === 'left') this.#leave(message.from, 'left the room');
      if (message.type === 'signal') this.#guests.get(message.from)?.handleSignal(message.signal);
    };
  }

  close(): void {
    for (const guest of this.#guests.values()) guest.close();
    this.#guests.clear();
    this.#signalling.close();
  }

  #join(id: string, name: string): void {
    const guest = new Guest(name, this.#events, {
      send: (signal) => this.#signalling.send(id, signal),
      chat: (text) => this.#chat(id, name, text),
      gone: (reason) => this.#leave(id, reason),
    });
    this.#guests.set(id, guest);
  }

  #leave(id: string, reason: string): void {
    const guest = this.#guests.get(id);
    if (guest === undefined) return;
    this.#guests.delete(id);
    guest.close();
    this.#events.onGuestGone(guest.name, reason);
  }

  #chat(from: string, name: string, text: string): void {
    this.#events.onChat(name, text);
    for (const [id, guest] of this.#guests) if (id !== from) guest.say(name, text);
  }
}

/** What a guest's connection asks of the host. */
interface GuestLine {
  send(signal: Signal): void;
  chat(text: string): void;
  gone(reason: string): void;
}

/** The host's end of one connection. */
class Guest {
  readonly name: string;
  readonly #events: HostEvents;
  readonly #line: GuestLine;
  readonly #connection = new RTCPeerConnection();
  #chat: RTCDataChannel | undefined;
  #signals: Promise<void> = Promise.resolve();

  constructor(name: string, events: HostEvents, line: GuestLine) {
    this.name = name;
    this.#events = events;
    this.#line = line;
    const connection = this.#connection;
    connection.onicecandidate = ({ candidate }) => {
      line.send({ candidate: candidate === null ? null : candidate.toJSON() });
    };
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'connected') events.onGuest(name);
      if (connection.connectionState === 'failed') line.gone('lost the connection');
    };
    connection.ondatachannel = ({ channel }) => this.#accept(channel);
  }

  /** Takes one signal after the other: a candidate must not overtake its description. */
  handleSignal(signal: Signal): void {
    this.#signals = this.#signals
      .then(() => this.#apply(signal))
      .catch((error: unknown) => this.#line.gone(String(error)));
  }

  say(from: string, text: string): void {
    if (this.#chat?.readyState === 'open') this.#chat.send(JSON.stringify({ from, text }));
  }

  close(): void {
    this.#connection.close();
  }

  async #apply(signal: Signal): Promise<void> {
    const connection = this.#connection;
    if (!('description' in signal)) {
      await connection.addIceCandidate(signal.candidate);
      return;
    }
    await connection.setRemoteDescription(signal.description);
    await connection.setLocalDescription();
    const description = connection.localDescription;
    if (description !== null) this.#line.send({ description: description.toJSON() });
  }

  #accept(channel: RTCDataChannel): void {
    if (channel.label === 'ping') {
      // Whatever comes goes back at once; the guest reads its own clock from it.
      channel.binaryType = 'arraybuffer';
      channel.onmessage = ({ data }) => channel.send(data);
    } else if (channel.label === 'chat') {
      this.#chat = channel;
      channel.onmessage = ({ data }) => this.#line.chat(String(data).slice(0, 2000));
    } else if (channel.label === FILE_LABEL) {
      this.#receive(channel).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#events.onFileFailed(this.name, reason);
      });
    }
  }

  /** Receives a file; if its channel asks for it (protocol `return`), sends it back. */
  async #receive(channel: RTCDataChannel): Promise<void> {
    const kept: Uint8Array[] = [];
    const isReturned = channel.protocol === 'return';
    const file = await receiveFile(channel, {
      onHeader: (header) => {
        if (isReturned && header.size > MAX_RETURNED_BYTES) channel.close();
        else this.#events.onFileStart(this.name, header);
      },
      onChunk: (chunk, received) => {
        if (isReturned) kept.push(chunk);
        this.#events.onFileProgress(this.name, received);
      },
    });
    this.#events.onFileEnd(this.name, file);
    if (!isReturned || !file.ok) return;
    const back = this.#connection.createDataChannel(FILE_LABEL, { protocol: 'returned' });
    back.onopen = () => {
      sendFile(back, { name: file.name, size: file.size }, kept).catch((error: unknown) => {
        this.#events.onFileFailed(this.name, String(error));
      });
    };
  }
}
