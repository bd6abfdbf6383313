import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts';

const CHANNEL = 'test-channel';

async function push({ emulator }: TestEmulator, durationSec: number): Promise<void> {
  const publication = await emulator.control.publishes.start({ channel: CHANNEL, durationSec, speed: 'max' });
  await publication.done;
  await emulator.events.waitFor('publish.ended', undefined, { after: emulator.events.lastId - 1 });
}

async function playlistOf({ endpoint }: TestEmulator): Promise<string> {
  return (await fetch(`${endpoint}/examplebucket/${CHANNEL}/playlist.m3u8`)).text();
}

const sequenceIn = (text: string) => /^#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)$/m.exec(text)?.[1];

it('the playlist of a channel has no discontinuity sequence, as at the service', async () => {
  const target = await startTestEmulator();
  await push(target, 2);
  await push(target, 30);
  const text = await playlistOf(target);
  expect(text).not.toContain('#EXT-X-DISCONTINUITY');
});

it('the playlist of a channel counts the discontinuities that left it, when an option asks for it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'playlist-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const options = { memory: false, dataDir, playlistExtensions: ['discontinuity-sequence'] } as const;
  const first = await startTestEmulator(options);
  await push(first, 30);
  expect(sequenceIn(await playlistOf(first))).toBe('0');
  await push(first, 30);
  expect(sequenceIn(await playlistOf(first))).toBe('1');
  await first.emulator.stop();

  const second = await startTestEmulator(options);
  const { objects } = await second.client.list({ prefix: `${CHANNEL}/`, 'max-keys': 1000 }, {});
  for (const { name } of objects.filter((object) => object.name.endsWith('.ts'))) await second.client.delete(name);
  await push(second, 30);
  expect(sequenceIn(await playlistOf(second))).toBe('2');
});
