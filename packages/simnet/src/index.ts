// The public face of @kaon/simnet: a simulated network with virtual time and seeded randomness.

export type { AddressedDatagram, AddressedMachineOptions } from './addressed-machine.ts';
export { AddressedMachine } from './addressed-machine.ts';
export type { SimulationErrorCode } from './errors.ts';
export { SimulationError } from './errors.ts';
export type { RunOptions, RunResult } from './event-loop.ts';
export type { ScheduledTask, Task } from './event-queue.ts';
export type { Link, LinkCounters, LinkDirection } from './link.ts';
export type { GilbertElliott, LinkConditions, LinkOptions, Outage } from './link-conditions.ts';
export { burstyLoss } from './link-conditions.ts';
export type { Machine, MachineDriverOptions } from './machine-driver.ts';
export { MachineDriver } from './machine-driver.ts';
export type { MachinePair, MachinePairOptions } from './machine-pair.ts';
export { machinePair } from './machine-pair.ts';
export type { Nat, NatMapping } from './nat.ts';
export type {
  EndpointDependence,
  NatBehavior,
  NatType,
  PortAllocation,
} from './nat-behavior.ts';
export { NAT_TYPES } from './nat-behavior.ts';
export type { CaptureOptions, PacketCapture } from './packet-capture.ts';
export type { PcapPacket } from './pcap.ts';
export { encodePcap } from './pcap.ts';
export { SeededRandom } from './seeded-random.ts';
export type { HostInterface, SimulatedHost } from './simulated-host.ts';
export type { SimulatedSocket } from './simulated-socket.ts';
export type {
  AttachmentOptions,
  LanOptions,
  NatOptions,
  SimulationOptions,
} from './simulation.ts';
export { createSimulation, Simulation } from './simulation.ts';
export type { Family, Subnet, SubnetPrefixes } from './subnet.ts';
export type { DropReason, TraceCounters, TraceListener, TraceRecord } from './trace.ts';
export { formatTraceRecord, type Trace } from './trace.ts';
export type { VirtualClock } from './virtual-clock.ts';
