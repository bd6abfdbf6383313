/** The CPU time and memory of a process and of those it started, from /proc (Linux, proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel reports hundredths of a second in every configuration. */
const TICK_MS = 10;

interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** User and system time, with that of children that have ended and were waited for. */
  readonly cpuMs: number;
}

export function treeCpuMs(rootPid: number): number {
  return tree(rootPid).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** User and system time in milliseconds, of a process without the children that it has. */
export interface ProcessTimes {
  readonly userMs: number;
  readonly systemMs: number;
  /** Both, of its main thread. */
  readonly mainThreadMs: number;
}

/** @throws Error when it has ended */
export function processTimes(pid: number): ProcessTimes {
  const [userMs = 0, systemMs = 0] = timesIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const [mainUserMs = 0, mainSystemMs = 0] = timesIn(readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8'));
  return { userMs, systemMs, mainThreadMs: mainUserMs + mainSystemMs };
}

/** Proportional set size: of memory that n processes share, each has 1/n. */
export function treePssBytes(rootPid: number): number {
  return tree(rootPid).reduce((sum, { pid }) => sum + pssBytes(pid), 0);
}

function tree(rootPid: number): readonly ProcessStat[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)));
  const members = all.filter(({ pid }) => pid === rootPid);
  for (const member of members) members.push(...all.filter(({ parentPid }) => parentPid === member.pid));
  return members;
}

/** Empty when the process has just ended. */
function readStat(pid: number): ProcessStat[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const cpuMs = timesIn(stat).reduce((sum, ms) => sum + ms, 0);
    return [{ pid, parentPid: Number(fieldsOf(stat)[1]), cpuMs }];
  } catch {
    return [];
  }
}

/** User and system time of its own, then of children that were waited for, in milliseconds. */
function timesIn(stat: string): readonly number[] {
  return fieldsOf(stat)
    .slice(11, 15)
    .map((field) => Number(field) * TICK_MS);
}

/** Those after the program's name, which is in parentheses and may contain blanks. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function pssBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
