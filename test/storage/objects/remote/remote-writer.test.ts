import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../src/base/clock.ts';
import { RECORDING_RETRY_MS } from '../../../../src/storage/objects/object-store.ts';
import { Attempts } from '../../../../src/storage/objects/remote/attempts.ts';
import { BufferPool } from '../../../../src/storage/objects/remote/buffer-pool.ts';
import type { Confirmed, RemoteBucket } from '../../../../src/storage/objects/remote/remote-bucket.ts';
import { PART_BYTES, RemoteWriter } from '../../../../src/storage/objects/remote/remote-writer.ts';
import { WaitingBytes } from '../../../../src/storage/objects/remote/waiting-bytes.ts';

const CONFIRMED: Confirmed = { etag: '', isSent: true };

/** Keeps the buffers it was given, as a request under way does. */
function bucketOf(put: RemoteBucket['put']): RemoteBucket {
  const refuse = () => Promise.reject(new Error('not asked for'));
  return {
    put,
    beginUpload: refuse,
    putPart: refuse,
    completeUpload: refuse,
    abortUpload: refuse,
    size: refuse,
    read: refuse,
    delete: refuse,
    list: refuse,
    listUploads: refuse,
    close: () => {},
  };
}

function writersOn(bucket: RemoteBucket, maxWaitingBytes = 2 ** 20) {
  const clock = new ManualClock(0);
  const shared = {
    bucket,
    attempts: new Attempts(clock, 'store'),
    waiting: new WaitingBytes(maxWaitingBytes),
    buffers: new BufferPool(clock),
    signal: new AbortController().signal,
    onCommitted: () => {},
    onGivenUp: () => {},
  };
  const create = (key: string, retryMs?: number, signal?: AbortSignal) =>
    new RemoteWriter({
      bucket: shared.bucket,
      attempts: shared.attempts,
      waiting: shared.waiting,
      buffers: shared.buffers,
      signal: shared.signal,
      onCommitted: shared.onCommitted,
      onGivenUp: shared.onGivenUp,
      hint: { bucket: 'examplebucket', key, retryMs, signal },
      location: key,
      key,
    });
  return { clock, create, waiting: shared.waiting };
}

it('uses the memory of bytes that the store has confirmed again', async () => {
  const sent: Buffer[] = [];
  const { create } = writersOn(
    bucketOf(async (_, bytes) => {
      sent.push(bytes);
      return CONFIRMED;
    }),
  );
  for (const key of ['a', 'b']) {
    const writer = create(key);
    writer.write(randomBytes(1_000));
    await writer.commit();
  }
  const [first, second] = sent;
  expect(second?.buffer).toBe(first?.buffer);
});

it('leaves the memory alone that a request still reads which was answered early', async () => {
  const sent: Buffer[] = [];
  const { create } = writersOn(
    bucketOf(async (_, bytes) => {
      sent.push(bytes);
      return { etag: '', isSent: false };
    }),
  );
  for (const key of ['a', 'b']) {
    const writer = create(key);
    writer.write(randomBytes(1_000));
    await writer.commit();
  }
  const [first, second] = sent;
  expect(second?.buffer).not.toBe(first?.buffer);
});

it('leaves the memory alone that an attempt may still read which was given up', async () => {
  const sent: Buffer[] = [];
  const { clock, create } = writersOn(
    bucketOf((_, bytes) => {
      sent.push(bytes);
      return sent.length === 1 ? new Promise(() => {}) : Promise.resolve(CONFIRMED);
    }),
  );
  const bytes = randomBytes(1_000);
  const slow = create('slow');
  slow.write(bytes);
  const committed = slow.commit();
  const sentAfter = async (ms: number) => {
    await clock.advance(ms);
    return sent.length;
  };
  await expect.poll(() => sentAfter(1_000)).toBe(2);
  await committed;
  const next = create('next');
  next.write(randomBytes(1_000));
  await next.commit();
  expect(sent.length).toBe(3);
  expect(sent[0]?.equals(bytes)).toBe(true);
});

it('waits with too many bytes in memory until others are confirmed, and loses none', async () => {
  const answers: (() => void)[] = [];
  const sent: number[] = [];
  const { create } = writersOn(
    bucketOf((_, bytes) => {
      sent.push(bytes.length);
      return new Promise((resolve) => answers.push(() => resolve(CONFIRMED)));
    }),
    1_000,
  );
  const first = create('first');
  expect(first.write(randomBytes(900))).toBe(undefined);
  const committed = first.commit();
  const others = ['second', 'third'].map((key) => create(key));
  const rooms = others.map((writer) => writer.write(randomBytes(400)));
  let hasRoom = false;
  const made = Promise.all(rooms).then(() => {
    hasRoom = true;
  });
  await expect.poll(() => answers.length).toBe(1);
  expect(hasRoom).toBe(false);
  answers[0]?.();
  await committed;
  await made;
  const all = others.map((writer) => writer.commit());
  await expect.poll(() => answers.length).toBe(3);
  for (const answer of answers) answer();
  await Promise.all(all);
  expect(sent).toEqual([900, 400, 400]);
});

it('does not wait for what is being sent when that would make no room', async () => {
  const { create } = writersOn(
    bucketOf(() => new Promise(() => {})),
    1_000,
  );
  const [open, sent, empty] = [create('open'), create('sent'), create('empty')];
  open.write(randomBytes(900));
  sent.write(randomBytes(100));
  void sent.commit();
  void empty.commit();
  expect(() => open.write(randomBytes(200))).toThrow('900 bytes of unfinished objects');
});

it('waits no longer when what was sent has made no room, also while something else is being sent', async () => {
  const answers = new Map<string, () => void>();
  const { create } = writersOn(
    bucketOf((key) => new Promise((resolve) => answers.set(key, () => resolve(CONFIRMED)))),
    1_000,
  );
  const [open, sent, empty] = [create('open'), create('sent'), create('empty')];
  open.write(randomBytes(500));
  sent.write(randomBytes(400));
  const committed = Promise.all([sent.commit(), empty.commit()]);
  const room = open.write(randomBytes(500));
  expect(room).toBeInstanceOf(Promise);
  await expect.poll(() => answers.size).toBe(2);
  answers.get('sent')?.();
  await room;
  expect(() => open.write(randomBytes(1))).toThrow('1000 bytes of unfinished objects');
  answers.get('empty')?.();
  await committed;
});

it('ends one writer when all bytes are of objects that are still written, and the others go on', async () => {
  const { create } = writersOn(
    bucketOf(async () => CONFIRMED),
    1_000,
  );
  const [ending, other] = [create('ending'), create('other')];
  ending.write(randomBytes(500));
  other.write(randomBytes(400));
  expect(() => ending.write(randomBytes(200))).toThrow(
    '900 bytes of unfinished objects are kept for the object store, and no more may',
  );
  expect(other.write(randomBytes(600))).toBe(undefined);
  await ending.abort();
  await other.commit();
  const next = create('next');
  expect(next.write(randomBytes(1_000))).toBe(undefined);
  await next.commit();
});

describe('with all bytes of objects that are still written', () => {
  const RECORDING = RECORDING_RETRY_MS;
  const UPLOAD = undefined;
  it.each([
    { what: 'uploads give way to a recording, the largest first', writes: UPLOAD, next: RECORDING, given: ['large'] },
    { what: 'recordings do not give way to a recording', writes: RECORDING, next: RECORDING, given: ['next'] },
    { what: 'recordings do not give way to an upload', writes: RECORDING, next: UPLOAD, given: ['next'] },
    { what: 'uploads do not give way to an upload', writes: UPLOAD, next: UPLOAD, given: ['next'] },
  ])('$what', async ({ writes, next, given }) => {
    const { create } = writersOn(
      bucketOf(async () => CONFIRMED),
      1_000,
    );
    const writers = { small: create('small', writes), large: create('large', writes), next: create('next', next) };
    writers.small.write(randomBytes(300));
    writers.large.write(randomBytes(600));
    const refused: string[] = [];
    try {
      writers.next.write(randomBytes(200));
    } catch {
      refused.push('next');
    }
    for (const [name, writer] of Object.entries(writers)) {
      if (refused.includes(name)) await writer.abort();
      else await writer.commit().catch(() => refused.push(name));
    }
    expect(refused).toEqual(given);
  });

  it('as many uploads give way as a recording needs', async () => {
    const { create } = writersOn(
      bucketOf(async () => CONFIRMED),
      1_000,
    );
    const uploads = ['a', 'b', 'c'].map((key) => create(key));
    for (const upload of uploads) upload.write(randomBytes(300));
    const recording = create('recording', RECORDING_RETRY_MS);
    recording.write(randomBytes(600));
    await recording.commit();
    expect(() => uploads[0]?.write(randomBytes(1))).toThrow('no more may');
    await uploads[0]?.abort();
    const ended = await Promise.allSettled(uploads.slice(1).map((upload) => upload.commit()));
    expect(ended.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});

it('keeps no byte counted when all writers have ended, however they ended', async () => {
  const MAX_BYTES = 3 * PART_BYTES;
  const writerPlans = fc.array(
    fc.record({
      isRecording: fc.boolean(),
      writes: fc.array(fc.constantFrom(1, 70_000, PART_BYTES - 1, PART_BYTES, 2 * PART_BYTES), { maxLength: 4 }),
      end: fc.constantFrom<'commit' | 'abort'>('commit', 'abort'),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const answers = fc.infiniteStream(
    fc.constantFrom<'confirmed' | 'early' | 'refused'>('confirmed', 'early', 'refused'),
  );
  const bytes = Buffer.alloc(2 * PART_BYTES);
  const property = fc.asyncProperty(writerPlans, answers, fc.scheduler(), async (plans, stream, scheduler) => {
    const answer = async <Result>(what: string, result: Result): Promise<Result> => {
      await scheduler.schedule(Promise.resolve(), what);
      if (stream.next().value === 'refused') throw Object.assign(new Error(what), { status: 403 });
      return result;
    };
    const confirm = (what: string) => answer(what, { etag: '', isSent: stream.next().value === 'confirmed' });
    const { create, waiting } = writersOn(
      {
        ...bucketOf(() => confirm('put')),
        beginUpload: () => answer('beginUpload', 'id'),
        putPart: () => confirm('putPart'),
        completeUpload: () => answer('completeUpload', undefined),
        abortUpload: () => answer('abortUpload', undefined),
        size: () => answer('size', undefined),
      },
      MAX_BYTES,
    );
    const ended = plans.map(async ({ isRecording, writes, end }, index) => {
      const writer = create(String(index), isRecording ? RECORDING_RETRY_MS : undefined);
      try {
        for (const sizeBytes of writes) {
          await scheduler.schedule(Promise.resolve(), 'write');
          await writer.write(bytes.subarray(0, sizeBytes));
        }
      } catch {
        return writer.abort();
      }
      await writer[end]().then(
        () => {},
        () => {},
      );
    });
    await scheduler.waitFor(Promise.all(ended));
    const probe = { keptBytes: MAX_BYTES, isUpload: false, giveUp: () => {} };
    expect(waiting.take(MAX_BYTES, probe)).toBe(undefined);
    expect(() => waiting.take(1, probe)).toThrow('no more may');
  });
  await fc.assert(property, { numRuns: 50 });
}, 60_000);

it('frees what is being sent once, also where a write was refused meanwhile', async () => {
  const answers: (() => void)[] = [];
  const { create, waiting } = writersOn(
    {
      ...bucketOf(async () => CONFIRMED),
      beginUpload: async () => 'id',
      putPart: () => new Promise((resolve) => answers.push(() => resolve(CONFIRMED))),
      abortUpload: async () => {},
    },
    2 * PART_BYTES + 1,
  );
  const bytes = Buffer.alloc(PART_BYTES);
  const [sent, other] = [create('sent'), create('other')];
  other.write(bytes);
  sent.write(bytes);
  sent.write(bytes.subarray(0, 1));
  await expect.poll(() => answers.length).toBe(1);
  expect(() => sent.write(Buffer.alloc(2 * PART_BYTES))).toThrow('no more may');
  expect(sent.keptBytes).toBe(PART_BYTES);
  answers[0]?.();
  await expect.poll(() => sent.keptBytes).toBe(0);
  const probe = { keptBytes: PART_BYTES + 1, isUpload: true, giveUp: () => {} };
  expect(waiting.take(PART_BYTES + 1, probe)).toBe(undefined);
  expect(() => waiting.take(1, probe)).toThrow('no more may');
  await sent.abort();
  await other.abort();
});

it('gives up a request that nobody waits for any more, and its memory', async () => {
  const nobody = new AbortController();
  const { create, waiting } = writersOn(
    bucketOf(() => new Promise(() => {})),
    1_000,
  );
  const writer = create('recording', RECORDING_RETRY_MS, nobody.signal);
  writer.write(randomBytes(900));
  const committed = writer.commit();
  nobody.abort(new Error('an earlier fragment was not stored'));
  await expect(committed).rejects.toThrow('store: PUT: an earlier fragment was not stored');
  expect(waiting.take(1_000, create('next'))).toBe(undefined);
});

it.each(Array.from({ length: 20 }, (_, turns) => ({ turns })))(
  'an upload whose part fails gives way once to a recording $turns turns later',
  async ({ turns }) => {
    let refuse = () => {};
    const refused = new Promise<never>((_, reject) => {
      refuse = () => reject(Object.assign(new Error('denied'), { status: 403 }));
    });
    const bucket = { ...bucketOf(() => new Promise(() => {})), beginUpload: () => refused };
    const { create } = writersOn(bucket, PART_BYTES + 1_100);
    const upload = create('upload');
    upload.write(randomBytes(PART_BYTES));
    upload.write(randomBytes(500));
    const recording = create('recording', RECORDING_RETRY_MS);
    recording.write(randomBytes(540));
    refuse();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    try {
      recording.write(randomBytes(600));
    } catch (error) {
      expect(String(error)).toContain('bytes of unfinished objects');
    }
    await upload.abort();
    await recording.abort();
    expect(create('next').write(randomBytes(PART_BYTES))).toBe(undefined);
  },
);
