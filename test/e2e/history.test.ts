import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { startTestEmulator } from '../support/emulator.ts';
import { withResolvers } from '../support/with-resolvers.ts';

const CHANNEL = 'test-channel';
const HOUR_MS = 3_600_000;
const UNWRITABLE = { match: { phase: 'metadata.write', channel: CHANNEL }, effect: { diskFull: true } } as const;

const history = ({ control }: Emulator) => control.channels.history('examplebucket', CHANNEL, 10);

function stored({ events }: Emulator) {
  return events
    .since(0)
    .flatMap((event) => (event.type === 'fragment.stored' ? [event.key.slice(CHANNEL.length + 1)] : []));
}

/** A log, and a promise for a line with these words. */
function watchedLog(words: string) {
  const { promise: written, resolve } = withResolvers<void>();
  const log = createLog('info', (line) => line.includes(words) && resolve(), Date.now);
  return { log, written };
}

describe('a push during which the clock is set back', () => {
  it('has its length in the history, and times of the clock in its fragments', async () => {
    const { emulator } = await startTestEmulator();
    const { clock, control, events } = emulator;
    clock.freeze();
    const startMs = clock.now();
    const push = await control.publishes.start({ channel: CHANNEL, durationSec: 40 });
    await clock.advance(19_500);
    await clock.set(startMs - HOUR_MS);
    const ended = events.waitFor('publish.ended');
    await clock.advance(25_000);
    await push.done;
    await ended;

    const [session] = await history(emulator);
    const lengthMs = (session?.endedMs ?? 0) - (session?.startedMs ?? 0);
    expect(session?.startedMs).toBe(startMs);
    expect(lengthMs).toBeGreaterThan(39_900);
    expect(lengthMs).toBeLessThanOrEqual(44_500);

    const names = stored(emulator);
    const later = names.filter((name) => Number.parseInt(name, 10) < startMs);
    expect(later.length).toBeGreaterThan(2);
    expect(Math.max(...later.map((name) => Number.parseInt(name, 10)))).toBeLessThanOrEqual(clock.now());
    const listed = await control.channels.fragments('examplebucket', CHANNEL, startMs - 2 * HOUR_MS, startMs + HOUR_MS);
    expect(listed.map((fragment) => `${fragment.startMs}.ts`)).toEqual(names);
    const past = await control.channels.fragments('examplebucket', CHANNEL, clock.now() - HOUR_MS, clock.now());
    expect(past.map((fragment) => `${fragment.startMs}.ts`)).toEqual(later);
  });
});

describe('a push that ends while the metadata cannot be written', () => {
  // With PostgreSQL the push has no lease any more when they can, and the sweep of broken sessions writes its end.
  it.skipIf(process.env.TEST_METADATA === 'postgres')(
    'has ended, and is in the history as soon as they can',
    async () => {
      const { log, written } = watchedLog('write.repeated');
      const { emulator } = await startTestEmulator({}, { log });
      const { control, events, faults } = emulator;
      const push = await control.publishes.start({ channel: CHANNEL, durationSec: HOUR_MS / 1000 });
      const { id } = faults.add(UNWRITABLE);
      const ended = events.waitFor('publish.ended');
      await push.stop();
      await ended;
      expect(await history(emulator)).toEqual([]);
      await expect(control.publishes.start({ channel: CHANNEL })).rejects.toThrow('InternalError');
      faults.remove(id);
      const next = await control.publishes.start({ channel: CHANNEL });
      await written;
      expect(await history(emulator)).toMatchObject([{ remoteAddr: expect.stringContaining('127.0.0.1') }]);
      await next.stop();
      expect(events.since(0).filter(({ type }) => type === 'publish.ended')).toHaveLength(2);
    },
  );

  it('is in the history after a stop in the meantime', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'history-'));
    onTestFinished(() => rm(dataDir, { recursive: true }));
    const first = await startTestEmulator({ memory: false, dataDir });
    const push = await first.emulator.control.publishes.start({ channel: CHANNEL, durationSec: HOUR_MS / 1000 });
    first.emulator.faults.add(UNWRITABLE);
    await push.stop();
    await first.emulator.stop();
    const { emulator } = await startTestEmulator({ memory: false, dataDir });
    expect(await history(emulator)).toHaveLength(1);
  });

  it('leaves nothing behind in a reset', async () => {
    const { emulator } = await startTestEmulator();
    const { control, faults } = emulator;
    const push = await control.publishes.start({ channel: CHANNEL, durationSec: HOUR_MS / 1000 });
    faults.add(UNWRITABLE);
    await push.stop();
    await control.reset();
    expect(await history(emulator)).toEqual([]);
  });
});
