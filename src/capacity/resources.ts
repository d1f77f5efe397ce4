/** The resources of a target that can run out, and how busy each was in every second. */

/** One second; times are ms of that second, counts are of that second. */
export interface UtilisationSample {
  /** Journeys started. */
  readonly journeys: number;
  /** Operations answered. */
  readonly requests: number;
  /** Orders confirmed. */
  readonly orders: number;
  /** True length of the interval, near 1000. */
  readonly elapsedMs: number;
  readonly processes: readonly ProcessBusy[];
}

export interface ProcessBusy {
  readonly name: string;
  /** CPU time of all threads. */
  readonly cpuMs: number;
  /** Of the main event loop; 0 when it has none. */
  readonly loopBusyMs: number;
  /** Of the store thread; 0 when it has none. */
  readonly storeBusyMs: number;
}

export interface ResourceSeries {
  readonly name: string;
  /** Busy share per sample; 1 is all there is of this resource. */
  readonly utilisation: readonly number[];
}

/** An event loop and a store thread are one thread each; the cores are shared by all processes. */
export function resourcesOf(
  samples: readonly UtilisationSample[],
  cores: number,
): ResourceSeries[] {
  const names = new Set(samples.flatMap(({ processes }) => processes.map(({ name }) => name)));
  const series: ResourceSeries[] = [];
  for (const name of names) {
    const ofProcess = (busyMs: (process: ProcessBusy) => number): number[] =>
      samples.map(({ processes, elapsedMs }) => {
        const process = processes.find((candidate) => candidate.name === name);
        return process === undefined ? 0 : busyMs(process) / elapsedMs;
      });
    const loop = ofProcess((process) => process.loopBusyMs);
    const store = ofProcess((process) => process.storeBusyMs);
    series.push({ name: `event loop of the ${name} process`, utilisation: loop });
    series.push({ name: `store thread of the ${name} process`, utilisation: store });
  }
  const cpu = samples.map(({ processes, elapsedMs }) => {
    const cpuMs = processes.reduce((sum, process) => sum + process.cpuMs, 0);
    return cpuMs / elapsedMs / cores;
  });
  series.push({
    name: `${cores} ${cores === 1 ? 'core' : 'cores'} of the machine`,
    utilisation: cpu,
  });
  return series.filter(({ utilisation }) => utilisation.some((share) => share > 0));
}
