// The soak in real time, over UDP on this machine.
import { RTCPeerConnection } from '@kaon/peerconnection';
import { Traffic } from './traffic.ts';
import { connect, MemoryWatch, report } from './watch.ts';

const NOTE_EVERY_MS = 5000;

/** Runs for so many minutes; whether all went well. */
export async function soakReal(minutes: number): Promise<boolean> {
  const [alice, bob] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const traffic = new Traffic(alice, bob, {
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    now: () => performance.now(),
    below: (below) => Math.floor(Math.random() * below),
  });
  const watch = new MemoryWatch();
  await connect(alice, bob);
  const end = performance.now() + minutes * 60_000;
  const notes = setInterval(() => watch.note(), NOTE_EVERY_MS);
  await traffic.run(() => performance.now() >= end);
  clearInterval(notes);
  const title = `${minutes} real minutes`;
  const isWell = await report(title, alice, bob, traffic, watch, (work) => work);
  alice.close();
  bob.close();
  return isWell;
}
