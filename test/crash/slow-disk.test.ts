/** A disk that is slow or stands still costs those who wait for it, and nobody else. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { restartedFolderViolations } from '../../scripts/crash/audit/auditor.ts';
import { pushMedia } from '../../scripts/crash/load/pushing.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { createSlowDisk, type SlowDisk } from '../support/slow-disk.ts';
import { describeWith } from '../support/tools.ts';
import { bundledCommand } from './bundled.ts';
import { put, startVictim, stop, type Victim } from './victim.ts';

const command = bundledCommand();

/** A call that takes longer makes the disk slow. */
const SLOW_MS = 100;

async function startOnSlowDisk(): Promise<{ victim: Victim; disk: SlowDisk; folder: string }> {
  const folder = join(await temporaryFolder(), 'data');
  const disk = await createSlowDisk(await temporaryFolder(), join(folder, 'objects/'));
  const variables = Object.entries(disk.env).map(([name, value]) => `${name}=${value}`);
  const victim = await startVictim(command.path, folder, ['env', ...variables]);
  return { victim, disk, folder };
}

describeWith(['gcc'], 'a slow disk', () => {
  it('that stands still is waited for by uploads and downloads, while requests that need no file are answered', async () => {
    const { victim, disk, folder } = await startOnSlowDisk();
    const body = Buffer.alloc(1_000_000, 7);
    await victim.client.putChannel('examplebucket', 'cam', 1);
    await put(victim, 'before', body);
    await disk.delay(SLOW_MS);
    await put(victim, 'slowly', 'x');

    await disk.delay('stalled');
    let waiting = 3;
    const upload = put(victim, 'stalled', body).finally(() => (waiting -= 1));
    const download = victim.client.ask('GET', '/examplebucket/before').finally(() => (waiting -= 1));
    const deletion = victim.client.ask('DELETE', '/examplebucket/slowly').finally(() => (waiting -= 1));
    await disk.stalledCall();
    for (let n = 0; n < 50; n++) {
      const channel = await victim.client.ask('GET', '/examplebucket/cam', { query: { live: '' } });
      expect(channel.status).toBe(200);
      expect((await victim.client.ask('HEAD', '/examplebucket/before')).status).toBe(200);
    }
    expect(waiting).toBeGreaterThanOrEqual(2);

    await disk.delay(0);
    expect((await upload).status).toBe(200);
    expect((await download).body.equals(body)).toBe(true);
    expect((await deletion).status).toBe(204);
    expect((await victim.client.ask('GET', '/examplebucket/stalled')).body.equals(body)).toBe(true);
    expect(await stop(victim)).toBe(0);
    expect(restartedFolderViolations(folder)).toEqual([]);
  }, 60_000);

  it.each<readonly NodeJS.Signals[][]>([[['SIGTERM']], [['SIGTERM', 'SIGINT']]])(
    'that stands still does not keep a command that gets %j, and what was answered is there',
    async (signals) => {
      const { victim, disk, folder } = await startOnSlowDisk();
      await put(victim, 'before', 'x');
      await disk.delay(SLOW_MS);
      await put(victim, 'slowly', 'x');
      await disk.delay('stalled');
      const upload = put(victim, 'stalled', 'x').catch(() => {});
      await disk.stalledCall();
      for (const signal of signals) victim.emulator.signal(signal);
      // Killed: a call of the disk cannot be given up.
      expect((await victim.emulator.exited).code).toBe(null);
      await upload;
      await disk.delay(0);
      expect(restartedFolderViolations(folder)).toEqual([]);
    },
    60_000,
  );

  it('holds pushes back, and they are recorded whole', async () => {
    const { victim, disk, folder } = await startOnSlowDisk();
    const channels = ['a', 'b', 'c'];
    for (const channel of channels) await victim.client.putChannel('examplebucket', channel, 1);
    await disk.delay(SLOW_MS);
    await put(victim, 'slowly', 'x');
    const unbroken = new AbortController().signal;
    const pushed = channels.map((channel) => {
      return pushMedia(victim.client.pushUrl('examplebucket', channel), 20_000, unbroken);
    });
    await disk.delay('stalled');
    await disk.stalledCall();
    for (const channel of channels) {
      const stat = await victim.client.ask('GET', `/examplebucket/${channel}`, { query: { live: '', comp: 'stat' } });
      expect(stat.text).toContain('<Status>Live</Status>');
    }
    await disk.delay(20);
    await Promise.all(pushed);
    for (const channel of channels) {
      const ended = async () => {
        const query = { live: '', comp: 'history' };
        return (await victim.client.ask('GET', `/examplebucket/${channel}`, { query })).text.includes('<LiveRecord>');
      };
      await expect.poll(ended, { timeout: 30_000 }).toBe(true);
    }
    await disk.delay(0);
    expect(await stop(victim)).toBe(0);
    expect(restartedFolderViolations(folder)).toEqual([]);
  }, 90_000);
});
