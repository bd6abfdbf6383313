import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { channelConfig } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { temporaryFolder } from './command.ts';
import { before, from, readClip } from './flv-tags.ts';
import { publishAsPeer } from './peers.ts';
import { expectSound, openStudio, type Studio } from './recordings.ts';

const CLIP = readClip('h264-aac');
/** Version 3 and a C1 of zeros; the bytes that follow are read as C2 and then as chunks. */
const HANDSHAKE = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]);
/** A chunk header of type 0 on stream 3: time 0, 0xffffff bytes of a command. */
const HUGE_MESSAGE = Buffer.from('03000000ffffff1400000000', 'hex');
/** Set Chunk Size to 2^31 - 1, so that a message may be one chunk. */
const HUGE_CHUNKS = Buffer.from('02000000000004010000' + '0000' + '7fffffff', 'hex');

const OWN_FILES = /^(emulator\.(pid|lock.*)|metadata\.sqlite.*|objects|reserve|owner)$/;

interface Scene {
  readonly studio: Studio;
  readonly clock: ManualClock;
  readonly dataDir: string;
  /** Lines of the log. */
  readonly logged: readonly string[];
}

const ATTACKS: readonly (readonly [string, (scene: Scene) => Promise<void>])[] = [
  ['noise where RTMP is expected', sendNoise],
  ['an RTMP handshake that stalls', stallHandshake],
  ['a connection that says nothing', sayNothing],
  ['an RTMP message that claims 16 MiB', (scene) => closesOn(scene, HUGE_MESSAGE, 'message of 16777215 bytes')],
  ['the same in chunks of 2 GiB', (scene) => closesOn(scene, Buffer.concat([HUGE_CHUNKS, HUGE_MESSAGE]), '16777215')],
  ['a publisher that is killed', killPublisher],
  ['a stream name that climbs out of the bucket', climbByRtmp],
  ['a path that climbs out of the bucket', climbByHttp],
  ['XML that is cut short', (scene) => refusesXml(scene, Buffer.from('<LiveChannelConfiguration><Target>'))],
  ['XML with a DOCTYPE', (scene) => refusesXml(scene, Buffer.from(DOCTYPE))],
  ['a body of 10 MiB', (scene) => refusesXml(scene, Buffer.alloc(10 * 1024 * 1024, ' '))],
  ['a body that never comes', leaveBodyOut],
  ['HTTP that is none', sendUnreadableHttp],
];

const DOCTYPE = `<!DOCTYPE c [<!ENTITY e SYSTEM "file:///etc/passwd">]>
<LiveChannelConfiguration><Description>&e;</Description><Target><Type>HLS</Type></Target></LiveChannelConfiguration>`;

describeWith(['ffmpeg'], 'a push goes on unharmed beside', () => {
  it.each(ATTACKS)('%s', async (_, attack) => {
    const clock = new ManualClock(Date.now());
    const dataDir = join(await temporaryFolder(), 'data');
    const logged: string[] = [];
    const log = createLog(
      'info',
      (line) => logged.push(line),
      () => clock.now(),
    );
    const studio = await openStudio({}, { memory: false, dataDir }, { clock, log });
    const peer = await publishAsPeer(studio.publishUrl);
    await peer.send(before(CLIP, 5000));
    await attack({ studio, clock, dataDir, logged });
    await peer.send(from(CLIP, 5000));
    const ended = studio.emulator.events.waitFor('publish.ended', ({ channel }) => channel === 'cam');
    await peer.publisher.unpublish();
    await ended;
    const { fragments } = await expectSound(studio);
    expect(fragments.map(({ durationSec }) => durationSec)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(logged.filter((line) => / error /.test(line))).toEqual([]);
  });
});

async function connectTo({ port }: Studio, ...bytes: readonly Buffer[]): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}); // A reset is also a valid end.
  await once(socket, 'connect');
  for (const piece of bytes) socket.write(piece);
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket.resume(), 'close');
}

async function sendNoise({ studio, logged }: Scene): Promise<void> {
  for (let round = 0; round < 20; round++) {
    // A chunk of type 3 on a stream that was never opened: nothing after it is read.
    await closed(await connectTo(studio, HANDSHAKE, Buffer.of(0xc3), randomBytes(8192)));
  }
  expect(logged.filter((line) => line.includes('rtmp.closed'))).toHaveLength(20);
}

async function stallHandshake({ studio, clock, logged }: Scene): Promise<void> {
  const socket = await connectTo(studio, HANDSHAKE.subarray(0, 1000));
  await answered(studio);
  clock.advance(5_000);
  await closed(socket);
  expect(logged.join('\n')).toContain('no complete handshake within 5000 ms');
}

async function sayNothing({ studio, clock }: Scene): Promise<void> {
  const socket = await connectTo(studio);
  await answered(studio);
  // In two steps, between which the push sends data, so that it does not become idle.
  clock.advance(9_000);
  await answered(studio);
  clock.advance(1_000);
  await closed(socket);
}

async function closesOn({ studio, logged }: Scene, bytes: Buffer, reason: string): Promise<void> {
  await closed(await connectTo(studio, HANDSHAKE, bytes));
  expect(logged.join('\n')).toContain(reason);
}

async function killPublisher({ studio }: Scene): Promise<void> {
  await studio.client.putChannel('other', channelConfig());
  const { socket, send } = await publishAsPeer(studio.publishUrl.replace(/cam$/, 'other'));
  await send(before(CLIP, 3000));
  const ended = studio.emulator.events.waitFor('publish.ended');
  socket.resetAndDestroy();
  expect(await ended).toMatchObject({ channel: 'other', cause: 'disconnected' });
  expect(Object(await studio.client.getChannelStatus('other')).data).toEqual({ Status: 'Idle' });
  expect(Object(await studio.client.getChannelHistory('other')).records).toHaveLength(1);
}

async function climbByRtmp({ studio, dataDir }: Scene): Promise<void> {
  for (const name of ['..%2f..%2fcam', '..', 'cam?playlistName=..%2f..%2fescaped.m3u8']) {
    const url = studio.publishUrl.replace(/cam$/, name);
    await expect(RtmpPublisher.publish(url), name).rejects.toThrow(/^NetStream.Publish.Denied/);
  }
  expect(await strangersIn(dataDir)).toEqual([]);
}

async function climbByHttp({ studio, dataDir }: Scene): Promise<void> {
  const paths = ['../../../../etc/passwd', '..%2f..%2f..%2fescaped', '%2e%2e/%2e%2e/emulator.pid'];
  const ask = async (method: string, path: string, rest = '\r\n') => {
    const head = `${method} /examplebucket/${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
    return text(await connectTo(studio, Buffer.from(head + rest)));
  };
  for (const path of paths) expect(await ask('GET', path)).toMatch(/^HTTP\/1.1 40[0-9] /);
  // It is a valid name of an object; it must not name a file outside the folder.
  for (const path of paths) await ask('PUT', path, 'Content-Length: 7\r\n\r\nescaped');
  expect(await strangersIn(dataDir)).toEqual([]);
}

/** The files beside the data folder, and in it; with stores elsewhere there is none. */
async function strangersIn(dataDir: string): Promise<readonly string[]> {
  const beside = (await readdir(dirname(dataDir))).filter((name) => name !== 'data');
  const inside = await readdir(dataDir).catch(() => []);
  return beside.concat(inside.filter((name) => !OWN_FILES.test(name)));
}

async function refusesXml({ studio }: Scene, body: Buffer<ArrayBuffer>): Promise<void> {
  const url = studio.client.signatureUrl('other', { method: 'PUT', subResource: { live: '' } });
  const response = await fetch(url, { method: 'PUT', body });
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(/<Code>MalformedXML<\/Code>/);
  await expect(studio.client.getChannel('other')).rejects.toMatchObject({ code: 'NoSuchLiveChannel' });
}

async function leaveBodyOut({ studio }: Scene): Promise<void> {
  const socket = await connectTo(
    studio,
    Buffer.from('PUT /examplebucket/half HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nonly this'),
  );
  await answered(studio);
  socket.resetAndDestroy();
  await answered(studio);
  expect((await fetch(`${studio.endpoint}/examplebucket/half`)).status).toBe(404);
}

async function sendUnreadableHttp({ studio }: Scene): Promise<void> {
  const socket = await connectTo(studio, Buffer.from('GET\u0000 / HTTP/9.9\r\n\r\n'));
  expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
}

/** A request that is answered proves that what came before it was seen. */
async function answered({ endpoint }: Studio): Promise<void> {
  expect((await fetch(`${endpoint}/_emulator/health`)).status).toBe(200);
}
