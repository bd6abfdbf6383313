/** Hostile peers: random bytes, silence, and handshakes that are never completed. */
import { randomBytes, randomInt } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { WebRtc, WebRtcViewing } from '../../../src/watch/web-rtc/web-rtc.ts';
import { type AnsweredBy, answeredBy, BareViewer, bindingRequest, transactionOf } from '../support/bare-viewer.ts';
import { newSession, pushClip } from '../support/pushed-stream.ts';
import { newPeer, startWebRtc } from '../support/web-rtc.ts';

const GARBAGE_DATAGRAMS = 2_000;
/** Within this media time the server has read all datagrams sent before. */
const LATER_TICKS = 45_000;
const CLIENT_HELLO = { min: 22, max: 22 } as const;
const ANY_BYTE = { min: 0, max: 255 } as const;
/** A close_notify alert of DTLS, not encrypted: it ends a handshake. */
const CLOSE_NOTIFY = Buffer.from('15fefd000000000000000000020100', 'hex');

/** Datagrams with the first byte of each protocol, otherwise random. */
function garbage(index: number): Buffer {
  const datagram = randomBytes(randomInt(1, 80));
  const firstBytes = [0, 20, 22, 25, 63, 128, 191];
  datagram[0] = firstBytes[index % firstBytes.length] ?? 0;
  return datagram;
}

describe('a viewer that was found', () => {
  let webRtc: WebRtc;
  let clock: ManualClock;
  let bare: BareViewer;
  let answered: AnsweredBy;
  let viewer: WebRtcViewing;
  let ended: string | undefined;

  beforeEach(async () => {
    clock = new ManualClock(0);
    webRtc = startWebRtc({ clock });
    const request = { stream: newSession(), offer: await newPeer().offer(), video: true, audio: true };
    const watched = await webRtc.watch(request);
    viewer = watched.viewer;
    answered = answeredBy(watched.answer);
    ended = undefined;
    void viewer.ended.then((reason) => {
      ended = reason;
    });
    bare = await BareViewer.open();
    onTestFinished(() => bare.close());
  });

  it('may send whatever it likes', async () => {
    const hello = bare.received(CLIENT_HELLO.min, CLIENT_HELLO.max);
    await bare.check(answered, true);
    const record = await hello;
    for (let size = 1; size < record.length; size++) await bare.send(record.subarray(0, size), answered.port);
    for (let index = 0; index < GARBAGE_DATAGRAMS; index++) await bare.send(garbage(index), answered.port);
    // Datagrams are read in order: when this check is answered, all before it have been read.
    await bare.check(answered, true);
    expect(ended).toBeUndefined();
  });

  it('must know the password: a check without it is not answered, and begins no handshake', async () => {
    const first = bare.received(ANY_BYTE.min, ANY_BYTE.max);
    await bare.send(bindingRequest({ ...answered, password: `${answered.password}x` }, true), answered.port);
    const check = bindingRequest(answered, false);
    await bare.send(check, answered.port);
    expect(transactionOf(await first)).toBe(transactionOf(check));
    const hello = bare.received(ANY_BYTE.min, ANY_BYTE.max);
    await bare.send(bindingRequest(answered, true), answered.port);
    await hello;
  });

  it('is disturbed by nothing that another peer sends', async () => {
    const stranger = await BareViewer.open();
    onTestFinished(() => stranger.close());
    const hello = bare.received(CLIENT_HELLO.min, CLIENT_HELLO.max);
    await bare.check(answered, true);
    await hello;
    await stranger.send(CLOSE_NOTIFY, answered.port);
    // The answer to this check shows that the datagrams before it were read.
    expect(await Promise.race([bare.check(answered, true), viewer.ended])).toBeUndefined();
    await bare.send(CLOSE_NOTIFY, answered.port);
    expect(await viewer.ended).toBe('closed by the viewer');
  });

  it('is not waited for when it never comes to an end with its handshake', async () => {
    await bare.check(answered, false);
    clock.advance(20_000);
    await bare.check(answered, false);
    expect(ended).toBeUndefined();
    clock.advance(11_000);
    await Promise.resolve();
    expect(ended).toBe('not heard of anymore');
  });
});

it('a viewer that plays goes on whatever else comes from its address', async () => {
  const pushed = await pushClip(undefined);
  onTestFinished(() => pushed.end());
  const peer = newPeer();
  const request = { stream: pushed.session, offer: await peer.offer(), video: true, audio: true };
  const { answer } = await startWebRtc().watch(request);
  await peer.take(answer);
  await peer.received('video', 1);
  const [ice] = peer.connection.iceTransports;
  await ice?.connection.send(CLOSE_NOTIFY);
  for (let index = 0; index < GARBAGE_DATAGRAMS; index++) await ice?.connection.send(garbage(index));
  const startTicks = peer.packets.video.at(-1)?.header.timestamp ?? 0;
  const later = () => ((peer.packets.video.at(-1)?.header.timestamp ?? 0) - startTicks) >>> 0 >= LATER_TICKS;
  while (!later()) await peer.received('video', peer.packets.video.length + 1);
});
