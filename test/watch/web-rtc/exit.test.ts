import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { Peer } from '../support/peer.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Admits one viewer, then closes viewing, and the process must then exit. */
const PROGRAM = `
  import { systemClock } from './src/base/clock.ts';
  import { WebRtc } from './src/watch/web-rtc/web-rtc.ts';
  import { silentLog } from './src/base/log.ts';
  import { newSession } from './test/watch/support/pushed-stream.ts';
  const webRtc = new WebRtc({
    clock: systemClock,
    log: silentLog,
    host: '127.0.0.1',
    udpPort: 0,
    hosts: [],
    loadOpus: async () => undefined,
  });
  const request = { stream: newSession(), offer: process.env.OFFER, video: true, audio: true };
  const { viewer } = await webRtc.watch(request);
  await webRtc.close();
  console.log(await viewer.ended);
`;

it('nothing of it keeps a process alive', async () => {
  const peer = new Peer();
  onTestFinished(() => peer.connection.close());
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: ROOT, env: { ...process.env, OFFER: await peer.offer() }, timeout: 60_000 },
  );
  expect(stdout.trim()).toBe('the emulator is shutting down');
});
