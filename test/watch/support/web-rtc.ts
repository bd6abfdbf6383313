import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { WebRtc, type WebRtcDeps } from '../../../src/watch/web-rtc/web-rtc.ts';
import { Peer } from './peer.ts';

/** On a free port of this machine, without audio; closed at the end of the test. */
export function startWebRtc(deps: Partial<WebRtcDeps> = {}): WebRtc {
  const webRtc = new WebRtc({
    clock: systemClock,
    log: silentLog,
    host: '127.0.0.1',
    udpPort: 0,
    hosts: [],
    loadOpus: async () => undefined,
    ...deps,
  });
  onTestFinished(() => webRtc.close());
  return webRtc;
}

export function newPeer(): Peer {
  const peer = new Peer();
  onTestFinished(() => peer.connection.close());
  return peer;
}
