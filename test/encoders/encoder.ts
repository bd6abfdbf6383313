/** Encoders as processes, and the answers that the emulator must give to each of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished } from 'vitest';
import type { EmulatorDeps } from '../../src/emulator/emulator.ts';
import type { EventOf } from '../../src/events/events.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { expectSound, openStudio, type Stat, type Studio } from '../e2e/recordings.ts';
import { withOtherSignature } from '../support/other-signature.ts';

/** The bucket of most users: publishing needs a signature, playing does not. */
const BUCKETS = { buckets: [{ name: 'examplebucket', acl: 'public-read' }] } as const;
const KEY_LIFETIME_SEC = 3600;

export interface EncoderProcess {
  readonly child: ChildProcess;
  /** The first line of its output that matches; rejects when the process ends without one. */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when the process has ended: its exit code (null when it was killed) and its output. */
  readonly done: Promise<{ readonly code: number | null; readonly said: string }>;
}

/** Starts an encoder; killed at the end of the test at the latest. */
export function startEncoder(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): EncoderProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
  onTestFinished(() => void child.kill('SIGKILL'));
  const outputs = [child.stdout, child.stderr].map((stream) => createInterface({ input: stream }));
  const lines: string[] = [];
  for (const output of outputs) output.on('line', (line) => lines.push(line));
  const done = new Promise<{ code: number | null; said: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said: lines.join('\n') }));
  });
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = (text: string) => pattern.test(text) && resolve(text);
      lines.forEach(look);
      for (const output of outputs) output.on('line', look);
      done.then(({ said }) => reject(new Error(`it ended without ${pattern}:\n${said}`)), reject);
    });
  return { child, line, done };
}

/** A publish URL as ali-oss signs it and a user pastes it. */
export function signedUrl({ client }: Studio, expiresSec = KEY_LIFETIME_SEC): string {
  return client.getRtmpUrl('cam', { params: { playlistName: 'playlist.m3u8' }, expires: expiresSec });
}

export function openEncoderStudio(deps: EmulatorDeps = {}): Promise<Studio> {
  return openStudio({ FragDuration: 1, FragCount: 3 }, BUCKETS, deps);
}

/** An encoder with a key frame every second, which pushes in real time until it receives a signal. */
export interface Encoder {
  start(url: string): EncoderProcess | Promise<EncoderProcess>;
  /** The signal by which a user stops it. */
  readonly stopSignal: NodeJS.Signals;
  /** What GetLiveChannelStat must answer. */
  readonly expected: { readonly Video: Partial<Stat['Video']>; readonly Audio: Partial<Stat['Audio']> };
}

/** A whole push: GetLiveChannelStat reports Live, it can be played, and is in the history after its end. */
export async function expectPush(encoder: Encoder): Promise<void> {
  const studio = await openEncoderStudio();
  const { events } = studio.emulator;
  const third = events.waitFor('fragment.stored', ({ sequence }) => sequence === 2);
  const { child, done } = await encoder.start(signedUrl(studio));
  await Promise.race([third, done.then(({ said }) => expect.fail(`the encoder ended too early:\n${said}`))]);
  const stat = await studio.stat();
  expect(stat).toMatchObject({ Status: 'Live', ...encoder.expected });
  expect(Number(stat.Video?.Bandwidth)).toBeGreaterThan(0);

  const ended = events.waitFor('publish.ended');
  child.kill(encoder.stopSignal);
  await ended;
  await done;
  expect(await studio.stat()).toEqual({ Status: 'Idle' });
  expect(await studio.history()).toMatchObject([{ RemoteAddr: stat.RemoteAddr }]);
  const { fragments } = await expectSound(studio);
  expect(fragments.length).toBeGreaterThanOrEqual(3);
  for (const { durationSec, discontinuity } of fragments.slice(0, -1)) {
    expect(discontinuity).toBe(false);
    expect(durationSec).toBeGreaterThan(0.9);
    expect(durationSec).toBeLessThan(1.1);
  }
}

/** A reason to refuse a push: how a test causes it, and the description that the encoder gets. */
export interface RefusalCase {
  readonly name: string;
  /** Prepares the refusal and returns the URL that leads to it. */
  arrange(studio: Studio): Promise<string>;
  readonly description: RegExp;
}

export const REFUSALS: readonly RefusalCase[] = [
  {
    name: 'a bad key',
    arrange: async (studio) => withOtherSignature(signedUrl(studio)),
    description: /SignatureDoesNotMatch 0002-00000807/,
  },
  {
    name: 'a key that has expired',
    arrange: async (studio) => signedUrl(studio, -1),
    description: /AccessDenied 0002-00000805/,
  },
  {
    name: 'a disabled channel',
    arrange: async (studio) => {
      await studio.client.putChannelStatus('cam', 'disabled');
      return signedUrl(studio);
    },
    description: /LiveChannelDisabled/,
  },
  {
    name: 'another publisher',
    arrange: async (studio) => {
      const publisher = await RtmpPublisher.publish(signedUrl(studio));
      onTestFinished(() => publisher.destroy());
      return signedUrl(studio);
    },
    description: /Already publishing/,
  },
];

/** Counts the attempts, and resolves with the first. */
export function watchRefusals({ emulator }: Studio): {
  readonly first: Promise<EventOf<'publish.refused'>>;
  count(): number;
} {
  let refusals = 0;
  emulator.events.subscribe(({ type }) => {
    if (type === 'publish.refused') refusals++;
  });
  return { first: emulator.events.waitFor('publish.refused'), count: () => refusals };
}
