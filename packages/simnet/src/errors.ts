// The faults that a simulation reports: its own, and those of the operating system it stands for.

/** What went wrong; stable, for programs to compare. The first three are the system's own names. */
export type SimulationErrorCode =
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'ENOTFOUND'
  | 'SIM_ADDRESS'
  | 'SIM_NAME_TAKEN'
  | 'SIM_RUNNING'
  | 'SIM_IDLE'
  | 'SIM_TIMEOUT'
  | 'SIM_STEP_LIMIT'
  | 'SIM_LIVELOCK';

/** An error of the simulation, told apart by its {@link code}. */
export class SimulationError extends Error {
  /** What went wrong. */
  readonly code: SimulationErrorCode;

  constructor(code: SimulationErrorCode, message: string) {
    super(message);
    this.name = 'SimulationError';
    this.code = code;
  }
}
