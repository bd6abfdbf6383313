import { expect, it } from 'vitest';
import { limitsOf } from '../../scripts/bench/ingest-limits.ts';
import type { IngestResult } from '../../scripts/bench/ingest-run.ts';

const WHOLE: IngestResult = {
  publishers: 100,
  cpuMs: 1,
  idleBytes: 0,
  bytesPerStream: 0,
  acceptMedianMs: 1,
  acceptWorstMs: 1,
  firstPlaylistMs: 6_000,
  requestsMs: [],
  load: {
    publishers: 100,
    seconds: 10,
    acceptMs: [],
    sentBytes: 1,
    droppedBytes: 0,
    killed: 0,
    lost: 0,
    refused: [],
    reconnected: 0,
    ownCpuMs: 8_000,
    ownLateMs: 500,
  },
  verdict: { checked: 4, good: 4, faults: [], worstLateMs: 999, endLateMs: 2_000 },
};

it('nothing limits a run that carried all pushes whole', () => {
  const requestsMs = [...Array.from({ length: 99 }, () => 199), 9_000];
  expect(limitsOf(WHOLE)).toEqual([]);
  expect(limitsOf({ ...WHOLE, requestsMs: requestsMs.concat(requestsMs.slice(0, 99)) })).toEqual([]);
});

it.each<[string, Partial<IngestResult>]>([
  ['the load generator, with 81 % of a core', { load: { ...WHOLE.load, ownCpuMs: 8_100 } }],
  ['the load generator, which was late by 501 ms', { load: { ...WHOLE.load, ownLateMs: 501 } }],
  ['2 refused (full)', { load: { ...WHOLE.load, refused: ['full', 'full'] } }],
  ['3 connections lost', { load: { ...WHOLE.load, lost: 3 } }],
  ['1.5 MiB dropped', { load: { ...WHOLE.load, droppedBytes: 1.5 * 2 ** 20 } }],
  ['a fragment late by 1.0 s', { verdict: { ...WHOLE.verdict, worstLateMs: 1_000 } }],
  ['1 faults in fragments (stream 0 has none)', { verdict: { ...WHOLE.verdict, faults: ['stream 0 has none'] } }],
  ['REST p99 200 ms', { requestsMs: [1, 200] }],
])('a run is limited by %s', (limit, result) => {
  expect(limitsOf({ ...WHOLE, ...result })).toEqual([limit]);
});
