import { expect, it } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { BackPressure } from '../../src/ingest/back-pressure.ts';
import { Diagnosis } from '../../src/ingest/diagnosis.ts';
import type { FrameInput } from '../../src/ingest/intake.ts';
import { Push, type PushParts } from '../../src/ingest/push.ts';
import type { MediaMessage } from '../../src/media/flv/media-message.ts';
import { StoreUnavailable } from '../../src/storage/objects/object-store.ts';
import { NOBODY } from '../watch/support/pushed-stream.ts';

/** AAC, raw, one byte of sound. */
const SOUND: MediaMessage = { kind: 'audio', timestampMs: 0, payload: Buffer.from([0xaf, 1, 0x21]) };

/** AudioSpecificConfig: AAC LC, 44.1 kHz, stereo. */
const SOUND_HEADER: MediaMessage = { kind: 'audio', timestampMs: 0, payload: Buffer.from([0xaf, 0, 0x12, 0x10]) };

const FRAMES: FrameInput = {
  videoConfig: () => 'taken',
  audioConfig: () => 'taken',
  write: () => true,
  discontinuity() {},
};

function setUp(parts: Partial<PushParts> = {}) {
  const happened: string[] = [];
  const logged: string[] = [];
  const publisher = {
    ...NOBODY,
    pause: () => happened.push('pause'),
    close: ({ code, description }: { readonly code: string; readonly description: string }) =>
      happened.push(`${code}: ${description}`),
  };
  const push = new Push({
    publisher,
    clock: new ManualClock(0),
    log: createLog(
      'debug',
      (line) => logged.push(line),
      () => 0,
    ),
    backPressure: new BackPressure(publisher),
    frames: FRAMES,
    diagnosis: new Diagnosis({ fragDurationMs: 5_000, report: () => {} }),
    finish: async () => undefined,
    ...parts,
  });
  return { push, happened, logged };
}

it('makes its publisher wait when the frames cannot be taken fast enough', () => {
  const { push, happened } = setUp({ frames: { ...FRAMES, write: () => false } });
  push.message(SOUND_HEADER);
  push.message(SOUND);
  expect(happened).toEqual(['pause']);
});

it('counts what it passes on', () => {
  const { push } = setUp();
  push.message(SOUND);
  push.message(SOUND_HEADER);
  push.message(SOUND);
  expect(push.totals()).toEqual({ videoFrames: 0, videoBytes: 0, audioFrames: 1, audioBytes: 1 });
});

it('a bug in its parts ends it, and nothing else', () => {
  const bug = () => {
    throw new Error('a bug');
  };
  const { push, happened, logged } = setUp({ frames: { ...FRAMES, write: bug } });
  push.message(SOUND_HEADER);
  push.message(SOUND);
  expect(happened).toEqual(['NetStream.Publish.Failed: InternalError: the intake failed']);
  expect(logged.join('\n')).toContain('session.failed');
});

it.each([
  {
    what: 'a store that is away',
    error: new StoreUnavailable('s3://b/: PUT: refused', { what: 'it is away' }),
    code: 'ServiceUnavailable',
  },
  { what: 'a full disk', error: Object.assign(new Error('no space'), { code: 'ENOSPC' }), code: 'InternalError' },
])('$what ends it, and the log has the reason without a stack', ({ error, code }) => {
  const { push, happened, logged } = setUp();
  push.fail('recorder', error);
  expect(happened).toEqual([`NetStream.Publish.Failed: ${code}: the recorder failed`]);
  expect(logged.join('\n')).toContain(error.message);
  expect(logged.join('\n')).not.toContain('push.test.ts');
});

it('has ended when `finish` has, even if that fails', async () => {
  const { push, logged } = setUp({ finish: () => Promise.reject(new Error('no disk')) });
  push.end({ cause: 'unpublished' });
  await push.ended;
  expect(logged.join('\n')).toMatch(/session\.end-failed.*no disk/);
  expect(logged.join('\n')).not.toContain('publish.ended');
});

it.each([
  {
    lost: { fragments: 1, durationMs: 4_990 },
    sentence: 'lost, because it could not be stored: 1 fragment, 5.0 s of media',
  },
  {
    lost: { fragments: 12, durationMs: 60_040 },
    sentence: 'lost, because it could not be stored: 12 fragments, 60.0 s of media',
  },
])('says in the log how much of it was lost: $sentence', async ({ lost, sentence }) => {
  const { push, logged } = setUp({ finish: async () => lost });
  await push.end({ cause: 'closed-by-server', detail: 'the recorder failed' });
  const [line = ''] = logged.filter((text) => text.includes('publish.ended'));
  expect(line).toContain(' error ');
  expect(line).toContain(`lostFragments=${lost.fragments} lostMs=${lost.durationMs}`);
  expect(line).toContain(sentence);
});

it('is stopped with the reason, and logs its end', async () => {
  const { push, happened, logged } = setUp();
  const stopped = push.stop('shutting down');
  expect(happened).toEqual(['NetConnection.Connect.AppShutdown: shutting down']);
  push.end({ cause: 'closed-by-server', detail: 'shutting down' });
  await stopped;
  expect(logged.join('\n')).toMatch(/publish\.ended.*closed-by-server/);
});
