/** Temporary files whose names tell which process made them, so that those of one that was killed are found and deleted. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { hasErrorCode } from './error-code.ts';

/** A part of the name: processes of other machines and containers, which may share the folder, have pids of their own. */
function markOfHost(): string {
  return `${hostname()}-`;
}

/** The name of a file of this process; what follows it may begin with a dash. */
export function ownName(prefix: string): string {
  return `${prefix}${markOfHost()}${process.pid}`;
}

/** Deletes what processes of this user have left in the folder that are gone. What cannot be deleted stays. */
export async function deleteAbandoned(folder: string, prefix: string): Promise<void> {
  const start = prefix + markOfHost();
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, pid] = (name.startsWith(start) && /^(\d+)(?:-\w+)?$/.exec(name.slice(start.length))) || [];
    if (pid === undefined || !isGone(Number(pid))) continue;
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    const isOwn = stats?.uid === (process.getuid?.() ?? stats?.uid);
    if (isOwn) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Signal 0 only asks. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasErrorCode(error, 'ESRCH');
  }
}
