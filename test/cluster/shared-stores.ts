import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { loadClip } from '../../src/control-plane/publisher/clip.ts';
import { ClipPush } from '../../src/control-plane/publisher/clip-push.ts';
import { testPostgres } from '../support/postgres.ts';
import { BUILD_TIMEOUT_MS, type S3Server, startS3Server } from '../support/versitygw.ts';

/**
 * Starts PostgreSQL and a store of S3 for a suite. The returned function gives the options of nodes that share a new database and
 * a prefix of their own.
 */
export function useSharedStores(): () => Promise<{ readonly metadata: string; readonly objects: string }> {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3Server();
    await testPostgres();
  }, BUILD_TIMEOUT_MS);
  afterAll(() => s3?.stop());
  return async () => ({ metadata: await (await testPostgres()).createDatabase(), objects: s3.address(randomUUID()) });
}

/** A push that outlasts the test, unless something ends it. The preface goes before the handshake, as a proxy sends it. */
export async function pushTo(port: number, path: string, preface?: Buffer): Promise<ClipPush> {
  const server = { host: '127.0.0.1', port, preface };
  const url = `rtmp://127.0.0.1:${port}${path}`;
  const clip = await loadClip(undefined);
  return ClipPush.start({ url, server, clip, clock: systemClock, speed: 'realtime', durationMs: 120_000 });
}
