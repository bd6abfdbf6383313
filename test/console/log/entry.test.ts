import { describe, expect, it } from 'vitest';
import { entryOf } from '../../../src/console/log/entry.ts';
import { FIRST_FILTER, passes } from '../../../src/console/log/filter.ts';
import type { EmulatorEvent } from '../../../src/events/events.ts';

const REQUEST = {
  type: 'request.answered',
  api: 'oss',
  requestId: 'R1',
  remoteAddr: '127.0.0.1:1',
  method: 'PUT',
  target: '/b/cam?live',
  operation: 'PutLiveChannel',
  bucket: 'b',
  key: 'cam',
  status: 200,
  durationMs: 3,
} as const satisfies EmulatorEvent;

const REFUSED = {
  ...REQUEST,
  status: 403,
  refusal: {
    code: 'SignatureDoesNotMatch',
    ec: '0002-00000040',
    message: 'for the client',
    reason: 'for a person',
    comparison: { expected: 'ours', signed: 'theirs' },
  },
} as const satisfies EmulatorEvent;

const PLAYED = { ...REQUEST, method: 'GET', operation: 'GetObject', key: 'cam/playlist.m3u8' } as const;

function entry(event: EmulatorEvent) {
  return entryOf({ ...event, id: 1, atMs: 0 });
}

describe('a line of the log', () => {
  it('says what was asked for and how it came out', () => {
    expect(entry(REQUEST)).toMatchObject({
      kind: 'api',
      tone: 'plain',
      what: 'PutLiveChannel',
      where: 'b/cam',
      outcome: '200',
      refused: false,
    });
  });

  it('of a lifecycle pass says what it did, and names the first keys', () => {
    const pass = { bucket: 'b', count: 2, keys: ['old/1', 'old/2'] };
    const shown = { what: 'Lifecycle', where: 'b', reason: 'old/1, old/2' };
    expect(entry({ ...pass, type: 'lifecycle.expired', what: 'objects' })).toMatchObject({
      ...shown,
      outcome: '2 objects expired',
    });
    expect(entry({ ...pass, type: 'lifecycle.transitioned', storageClass: 'IA' })).toMatchObject({
      ...shown,
      outcome: '2 objects to IA',
    });
    expect(entry({ ...pass, type: 'lifecycle.aborted' })).toMatchObject({ ...shown, outcome: '2 uploads aborted' });
  });

  it('of an import has a name as that of a seed', () => {
    const figures = { buckets: 1, channels: 2, objects: 3, fragments: 4 };
    expect(entry({ type: 'emulator.imported', ...figures })).toMatchObject({
      what: 'Imported',
      outcome: '4 fragments',
    });
  });

  it('of a refusal says why, to a person rather than to the client', () => {
    expect(entry(REFUSED)).toMatchObject({
      tone: 'bad',
      outcome: '403 SignatureDoesNotMatch',
      reason: 'for a person',
      refused: true,
      comparison: { expected: 'ours', signed: 'theirs' },
    });
  });

  it('has everything else as facts', () => {
    expect(Object.fromEntries(entry(REFUSED).facts)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      event: 'request.answered',
      api: 'oss',
      requestId: 'R1',
      remoteAddr: '127.0.0.1:1',
      method: 'PUT',
      target: '/b/cam?live',
      operation: 'PutLiveChannel',
      bucket: 'b',
      key: 'cam',
      status: '403',
      durationMs: '3',
      code: 'SignatureDoesNotMatch',
      ec: '0002-00000040',
      message: 'for the client',
    });
  });

  it('of a refused push names the channel it wanted', () => {
    const refused = entry({
      type: 'publish.refused',
      code: 'NetStream.Publish.BadName',
      description: 'd',
      reason: 'r',
      remoteAddr: '127.0.0.1:1',
      bucket: 'b',
      channel: 'cam',
    });
    expect(refused).toMatchObject({
      kind: 'push',
      what: 'Push refused',
      where: 'b/cam',
      outcome: 'BadName',
      reason: 'r',
      refused: true,
    });
  });
});

describe('the end of a push', () => {
  const ENDS = [
    { type: 'publish.ended', bucket: 'b', channel: 'cam', sessionId: 's', cause: 'closed-by-server' },
    { type: 'live.ended', domain: 'd', app: 'a', stream: 's1', sessionId: 's', cause: 'closed-by-server' },
  ] as const;

  it.each(ENDS)('$type without a loss is nothing bad', (ended) => {
    expect(entry(ended)).toMatchObject({ tone: 'plain', outcome: 'closed-by-server', reason: undefined });
  });

  it.each(ENDS)('$type says how much of it was lost', (ended) => {
    expect(entry({ ...ended, lostFragments: 12, lostMs: 59_960 })).toMatchObject({
      tone: 'bad',
      outcome: 'closed-by-server',
      reason: 'Lost, because it could not be stored: 12 fragments, 60.0 s of media.',
    });
    expect(entry({ ...ended, lostFragments: 1, lostMs: 500 }).reason).toContain('1 fragment, 0.5 s of media');
  });
});

describe('the filter', () => {
  it('leaves playback out unless it failed or is asked for', () => {
    expect(passes(entry(REQUEST), FIRST_FILTER)).toBe(true);
    expect(passes(entry(PLAYED), FIRST_FILTER)).toBe(false);
    expect(passes(entry({ ...PLAYED, status: 404 }), FIRST_FILTER)).toBe(true);
    expect(passes(entry(PLAYED), { ...FIRST_FILTER, kind: 'playback' })).toBe(true);
  });

  it('knows kinds and refusals', () => {
    expect(passes(entry(REQUEST), { ...FIRST_FILTER, kind: 'push' })).toBe(false);
    expect(passes(entry(REQUEST), { ...FIRST_FILTER, refusedOnly: true })).toBe(false);
    expect(passes(entry(REFUSED), { ...FIRST_FILTER, refusedOnly: true })).toBe(true);
  });

  it.each(['putlive', ' cam ', '403', 'A PERSON'])('finds %j', (text) => {
    expect(passes(entry(REFUSED), { ...FIRST_FILTER, text })).toBe(true);
  });

  it('does not find what is not there', () => {
    expect(passes(entry(REFUSED), { ...FIRST_FILTER, text: 'garage' })).toBe(false);
  });
});
