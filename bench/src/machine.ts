// What the numbers were measured on.
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';

export function describeMachine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown processor';
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const system = `${type()} ${release()} ${arch()}`;
  return `${processors.length} × ${model}, ${gibibytes} GiB, ${system}, Node ${process.version}`;
}

/** Other work on the machine shows here; the benchmark itself adds about 2. */
export function describeLoad(): string {
  return `load average ${loadavg()[0]?.toFixed(1)}`;
}
