import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import type { OpusEncoderFactory } from '../../../src/watch/audio/opus-encoder.ts';
import { loadDtls, WebRtcMissing } from '../../../src/watch/web-rtc/dtls.ts';
import { OfferRefused, type WebRtc } from '../../../src/watch/web-rtc/web-rtc.ts';
import { depacketize } from '../support/depacketize.ts';
import { newSession, pushClip } from '../support/pushed-stream.ts';
import { newPeer, startWebRtc } from '../support/web-rtc.ts';

/** Encodes nothing: each AAC frame gives a packet. */
const fakeOpus: OpusEncoderFactory = (_config, onPacket) => ({
  write: (_frame, dtsMs) => onPacket({ data: Buffer.from('opus'), ticks: dtsMs * 48 }),
  close() {},
});

const WITH_SOUND = { loadOpus: async () => fakeOpus };

async function push() {
  const pushed = await pushClip(undefined, 1_000);
  onTestFinished(() => pushed.end());
  return pushed;
}

describe('watching by WebRTC', () => {
  it('begins with the latest key frame, in picture and sound', async () => {
    const webRtc = startWebRtc(WITH_SOUND);
    const { session } = await push();
    const peer = newPeer();
    const { answer } = await webRtc.watch({ stream: session, offer: await peer.offer(), video: true, audio: true });
    await peer.take(answer);
    await peer.received('video', 20);
    await peer.received('audio', 5);
    const payloads = peer.packets.video.map(({ payload }) => payload);
    const types = depacketize(payloads).map((nalUnit) => (nalUnit[0] ?? 0) & 0x1f);
    expect(types.slice(0, 4)).toEqual([7, 8, 5, 1]);
    expect(peer.packets.audio[0]?.payload.toString()).toBe('opus');
  });

  it('is over when the stream ends, and the viewer hears it', async () => {
    const webRtc = startWebRtc(WITH_SOUND);
    const pushed = await push();
    const peer = newPeer();
    const offer = await peer.offer();
    const { answer, viewer } = await webRtc.watch({ stream: pushed.session, offer, video: true, audio: true });
    await peer.take(answer);
    await peer.received('video', 1);
    const closed = peer.closedByServer();
    pushed.end();
    expect(await viewer.ended).toBe('the stream ended');
    await closed;
  });

  it('is over when somebody ends it, and for all when the emulator stops', async () => {
    const webRtc = startWebRtc(WITH_SOUND);
    const { session } = await push();
    const watch = async () =>
      (await webRtc.watch({ stream: session, offer: await newPeer().offer(), video: true, audio: true })).viewer;
    const [first, second] = [await watch(), await watch()];
    expect(first.id).not.toBe(second.id);
    first.close('sent away');
    expect(await first.ended).toBe('sent away');
    await webRtc.close();
    expect(await second.ended).toBe('the emulator is shutting down');
    await expect(watch()).rejects.toThrow(OfferRefused);
  });

  it('is over half a minute after the viewer was last heard of', async () => {
    const clock = new ManualClock(0);
    const webRtc = startWebRtc({ ...WITH_SOUND, clock });
    const { session } = await push();
    const offer = await newPeer().offer();
    const { viewer } = await webRtc.watch({ stream: session, offer, video: true, audio: true });
    let ended: string | undefined;
    void viewer.ended.then((reason) => {
      ended = reason;
    });
    clock.advance(30_000);
    await Promise.resolve();
    expect(ended).toBeUndefined();
    clock.advance(1_000);
    expect(await viewer.ended).toBe('not heard of anymore');
  });

  it('is not for somebody with another certificate than that of the offer', async () => {
    const webRtc = startWebRtc(WITH_SOUND);
    const { session } = await push();
    const peer = newPeer();
    const offer = (await peer.offer()).replaceAll(/(a=fingerprint:sha-256 )../g, '$100');
    const { answer, viewer } = await webRtc.watch({ stream: session, offer, video: true, audio: true });
    await peer.take(answer);
    expect(await viewer.ended).toBe('the certificate is not that of the offer');
  });

  it('goes without sound where nothing makes Opus, which is looked for once', async () => {
    let asked = 0;
    const loadOpus = async () => {
      asked++;
      return undefined;
    };
    const webRtc = startWebRtc({ loadOpus });
    const { session } = await push();
    for (let viewer = 0; viewer < 2; viewer++) {
      const peer = newPeer();
      const { answer } = await webRtc.watch({ stream: session, offer: await peer.offer(), video: true, audio: true });
      await peer.take(answer);
      await peer.received('video', 1);
    }
    expect(asked).toBe(1);
  });

  it('takes another port when somebody has its own', async () => {
    const { session } = await push();
    const port = async (webRtc: WebRtc) => {
      const offer = await newPeer().offer();
      const { answer } = await webRtc.watch({ stream: session, offer, video: true, audio: true });
      return Number(/^m=video (\d+)/m.exec(answer)?.[1]);
    };
    const taken = await port(startWebRtc(WITH_SOUND));
    expect(await port(startWebRtc({ udpPort: taken }))).not.toBe(taken);
  });
});

describe('an offer', () => {
  let offer: string;
  beforeEach(async () => {
    offer = await newPeer().offer();
  });

  it.each([
    ['that is none', () => 'hello', 'this is not an SDP offer with ICE and DTLS'],
    ['without H.264', (text: string) => text.replaceAll('H264/', 'VP8/'), 'takes H.264 with packetization-mode=1'],
    ['in the wrong mode', (text: string) => text.replaceAll('packetization-mode=1', 'packetization-mode=0'), 'H.264'],
    ['of somebody who sends', (text: string) => text.replaceAll('recvonly', 'sendonly'), 'H.264'],
    ['that wants to begin the handshake', (text: string) => text.replaceAll('actpass', 'active'), 'a=setup:actpass'],
    ['with several transports', (text: string) => text.replaceAll(/a=group.*\r\n/g, ''), 'must share one transport'],
    ['of an unknown fingerprint', (text: string) => text.replaceAll('sha-256', 'sha-0'), 'algorithm sha0 is not known'],
  ])('%s is refused', async (_name, change, reason) => {
    const request = { stream: newSession(), offer: change(offer), video: true, audio: true };
    await expect(startWebRtc(WITH_SOUND).watch(request)).rejects.toThrow(reason);
  });

  it('may be for sound alone', async () => {
    const request = { stream: newSession(), offer, video: false, audio: true };
    const { answer } = await startWebRtc(WITH_SOUND).watch(request);
    expect(answer.match(/^(m=\S+|a=(sendonly|inactive))/gm)).toEqual([
      'm=video',
      'a=inactive',
      'm=audio',
      'a=sendonly',
    ]);
    expect(answer).toContain('a=group:BUNDLE 0 1');
  });
});

it('without werift, the error says how to get it', async () => {
  const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  const loading = loadDtls(() => Promise.reject(missing));
  await expect(loading).rejects.toThrow(WebRtcMissing);
  await expect(loading).rejects.toThrow('npm install werift');
  await expect(loadDtls(() => Promise.reject(new Error('out of memory')))).rejects.toThrow('out of memory');
});
