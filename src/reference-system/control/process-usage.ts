/** What this process has used since its start: the observer's figures for one process. */
import { performance } from 'node:perf_hooks';
import type { ProcessUsage } from '../../contract/target.ts';

/** `storeBusyMs`: busy time of the store thread, 0 when the process has none. */
export function processUsage(name: string, storeBusyMs: number): ProcessUsage {
  const cpu = process.cpuUsage();
  return {
    name,
    pid: process.pid,
    cpuMs: (cpu.user + cpu.system) / 1000,
    rssBytes: process.memoryUsage.rss(),
    loopBusyMs: performance.eventLoopUtilization().active,
    storeBusyMs,
  };
}
