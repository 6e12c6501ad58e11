// The page: joins the room, connects to the Node host, and shows latency, chat and files.

import uPlot from 'uplot';

const CHUNK_BYTES = 64 * 1024;
const HIGH_WATER_BYTES = 4 * 1024 * 1024;
const PING_INTERVAL_MS = 100;
const PLOTTED_PINGS = 300;
const HOST_ID = 'host';

function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element "${id}".`);
  return found as T;
}

const connection = new RTCPeerConnection();
const chat = connection.createDataChannel('chat');
const ping = connection.createDataChannel('ping', { ordered: false, maxRetransmits: 0 });

connectTo(`${location.origin.replace('http', 'ws')}/room?name=browser`);
showState();
runChat();
runPing();
runFiles();

/** Signals over the room's WebSocket: the page offers, the host answers. */
function connectTo(url: string): void {
  const socket = new WebSocket(url);
  const send = (signal: unknown): void => {
    socket.send(JSON.stringify({ type: 'signal', to: HOST_ID, signal }));
  };
  socket.onopen = async () => {
    connection.onicecandidate = ({ candidate }) => send({ candidate });
    await connection.setLocalDescription();
    send({ description: connection.localDescription });
  };
  let signals: Promise<void> = Promise.resolve();
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type !== 'signal') return;
    signals = signals.then(async () => {
      const { description, candidate } = message.signal;
      if (description === undefined) await connection.addIceCandidate(candidate);
      else await connection.setRemoteDescription(description);
    });
  };
}

function showState(): void {
  connection.onconnectionstatechange = () => {
    element('state').textContent = connection.connectionState;
  };
}

function runChat(): void {
  const messages = element<HTMLOListElement>('messages');
  const show = (from: string, text: string): void => {
    const item = document.createElement('li');
    const name = document.createElement('b');
    name.textContent = `${from} `;
    item.append(name, text);
    messages.append(item);
    item.scrollIntoView({ block: 'nearest' });
  };
  chat.onopen = () => show('kaon', 'You are connected.');
  chat.onmessage = ({ data }) => {
    const { from, text } = JSON.parse(data);
    show(from, text);
  };
  const field = element<HTMLInputElement>('text');
  element<HTMLFormElement>('say').onsubmit = (event) => {
    event.preventDefault();
    if (field.value === '' || chat.readyState !== 'open') return;
    chat.send(field.value);
    show('you', field.value);
    field.value = '';
  };
}

/** Sends the clock, reads it from what comes back, and plots the difference. */
function runPing(): void {
  const times: number[] = [];
  const latencies: number[] = [];
  const holder = element('plot');
  const plot = new uPlot(
    {
      width: holder.clientWidth,
      height: 180,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false },
        y: { range: (_: unknown, _min: number, max: number) => [0, Math.max(1, max * 1.2)] },
      },
      axes: [
        { stroke: '#888', label: 'seconds' },
        { stroke: '#888', label: 'ms' },
      ],
      series: [{}, { stroke: '#3b82f6', width: 2, fill: '#3b82f633' }],
    },
    [times, latencies],
    holder,
  );
  ping.binaryType = 'arraybuffer';
  ping.onopen = () => {
    setInterval(() => {
      if (ping.readyState === 'open') ping.send(new Float64Array([performance.now()]));
    }, PING_INTERVAL_MS);
  };
  ping.onmessage = ({ data }) => {
    const now = performance.now();
    const latency = now - (new Float64Array(data)[0] ?? now);
    times.push(now / 1000);
    latencies.push(latency);
    if (times.length > PLOTTED_PINGS) {
      times.shift();
      latencies.shift();
    }
    const sorted = [...latencies].sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? 0;
    element('latency').textContent = `${latency.toFixed(1)} ms, median ${median.toFixed(1)} ms`;
    plot.setData([times, latencies]);
  };
}

function runFiles(): void {
  const drop = element<HTMLLabelElement>('drop');
  const input = element<HTMLInputElement>('file');
  const state = element('file-state');
  const progress = element<HTMLProgressElement>('progress');
  const say = (text: string): void => {
    state.textContent = text;
  };
  let sentHash = '';
  const start = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    element('returned').textContent = '';
    sentHash = await sha256(await file.arrayBuffer());
    await sendFile(file, sentHash, (part) => {
      progress.value = part / 2;
      say(`sending ${file.name}: ${Math.round(100 * part)}%`);
    });
  };
  input.onchange = () => start(input.files?.[0]).catch((error) => say(String(error)));
  drop.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add('over');
  };
  drop.ondragleave = () => drop.classList.remove('over');
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    start(event.dataTransfer?.files[0]).catch((error) => say(String(error)));
  };
  connection.ondatachannel = ({ channel }) => {
    receiveFile(channel, (part) => {
      progress.value = (1 + part) / 2;
      say(`coming back: ${Math.round(100 * part)}%`);
    })
      .then(({ name, blob, hash }) => {
        const ok = hash === sentHash;
        progress.value = 1;
        say(`${ok ? 'verified' : 'DAMAGED'}: ${name}, ${blob.size} bytes, SHA-256 ${hash}`);
        const link = document.createElement('a');
        link.href = URL.createObjectURL(blob);
        link.download = name;
        link.textContent = `Save ${name} as it came back`;
        element('returned').replaceChildren(link);
      })
      .catch((error) => say(String(error)));
  };
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Sends a file on a channel of its own: header, bytes, hash (the format is in src/file-channel.ts). */
async function sendFile(
  file: File,
  hash: string,
  onProgress: (part: number) => void,
): Promise<void> {
  const channel = connection.createDataChannel('file', { protocol: 'return' });
  channel.bufferedAmountLowThreshold = HIGH_WATER_BYTES / 4;
  await new Promise((resolve, reject) => {
    channel.onopen = resolve;
    channel.onclose = () => reject(new Error('The host refused the file.'));
  });
  channel.send(JSON.stringify({ name: file.name, size: file.size }));
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    channel.send(await file.slice(at, at + CHUNK_BYTES).arrayBuffer());
    onProgress(Math.min(1, (at + CHUNK_BYTES) / file.size));
    if (channel.bufferedAmount > HIGH_WATER_BYTES) {
      await new Promise((resolve, reject) => {
        channel.onbufferedamountlow = resolve;
        channel.onclose = () => reject(new Error('The connection closed too early.'));
      });
    }
  }
  channel.send(JSON.stringify({ sha256: hash }));
  const receipt = await new Promise<string>((resolve, reject) => {
    channel.onmessage = ({ data }) => resolve(data);
    channel.onclose = () => reject(new Error('The connection closed too early.'));
  });
  channel.close();
  if (!JSON.parse(receipt).ok) throw new Error('The host received the file damaged.');
}

interface Received {
  readonly name: string;
  readonly blob: Blob;
  readonly hash: string;
}

function receiveFile(
  channel: RTCDataChannel,
  onProgress: (part: number) => void,
): Promise<Received> {
  channel.binaryType = 'arraybuffer';
  const parts: ArrayBuffer[] = [];
  let header: { name: string; size: number } | undefined;
  let received = 0;
  return new Promise((resolve, reject) => {
    channel.onclose = () => reject(new Error('The connection closed too early.'));
    channel.onmessage = async ({ data }) => {
      if (typeof data !== 'string') {
        parts.push(data);
        received += data.byteLength;
        onProgress(received / (header?.size || 1));
      } else if (header === undefined) {
        header = JSON.parse(data);
      } else {
        const { name, size } = header;
        const blob = new Blob(parts);
        const hash = await sha256(await blob.arrayBuffer());
        const ok = hash === JSON.parse(data).sha256 && blob.size === size;
        channel.send(JSON.stringify({ sha256: hash, size: blob.size, ok }));
        resolve({ name, blob, hash });
      }
    };
  });
}
