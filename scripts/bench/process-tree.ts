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
    // The second field is the program's name, in parentheses; it may contain blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return [{ pid, parentPid: Number(fields[1]), cpuMs: ticks * TICK_MS }];
  } catch {
    return [];
  }
}

function pssBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
