import { expect, it } from 'vitest';
import { type RegisteredSession, Registry } from '../../src/ingest/registry.ts';

function session(onStop: (reason: string) => void): RegisteredSession {
  return {
    id: 'push',
    connectedMs: 0,
    remoteAddr: '127.0.0.1:50000',
    stat: () => ({}),
    totals: () => ({ videoFrames: 0, videoBytes: 0, audioFrames: 0, audioBytes: 0 }),
    cutSoon: () => {},
    keep: () => {},
    stop: async (reason) => onStop(reason),
  };
}

it('ends one that was being admitted while it closed', async () => {
  const registry = new Registry();
  const reasons: string[] = [];
  const live = (channel: string) =>
    session((reason) => {
      reasons.push(`${channel}: ${reason}`);
      registry.remove('bucket', channel);
    });
  registry.add('bucket', 'early', live('early'));
  const closed = registry.close('shutting down');
  registry.add('bucket', 'late', live('late'));
  await closed;
  expect(reasons).toEqual(['early: shutting down', 'late: shutting down']);
  expect(registry.size).toBe(0);
});
