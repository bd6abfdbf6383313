import { systemClock } from '../../base/clock.ts';
import { isError } from '../../base/error-code.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { unknownName } from '../../base/nearest.ts';
import { mayHaveSecret } from '../../base/redact.ts';
import { parseDuration } from '../../config/option-values.ts';
import { loadClip } from '../../control-plane/publisher/clip.ts';
import { ClipPush } from '../../control-plane/publisher/clip-push.ts';
import { PATTERNS, SPEEDS } from '../../control-plane/publisher/publish-request.ts';
import { RtmpRefusedError } from '../../rtmp/client.ts';
import { parseRtmpUrl } from '../../rtmp/url.ts';
import { channelOptions, requiredChannel } from './channel-options.ts';
import { answer, type Command, type CommandContext, EXIT, flagValue, readFlag } from './command.ts';
import { call, Refused, URL_OPTION } from './emulator-client.ts';
import { progressBar } from './progress-bar.ts';

const REDRAW_MS = 200;
const MAX_PORT = 65_535;

export const publishCommand: Command = {
  name: 'publish',
  summary: 'Push a clip over RTMP, without any encoder',
  options: [
    ...channelOptions,
    { flag: 'to', argument: 'URL', help: 'Instead of a channel: RTMP address of a stream or into a room' },
    { flag: 'pattern', argument: 'NAME', help: `What to push: ${PATTERNS.join(', ')} [bars]` },
    { flag: 'clip', argument: 'FILE', help: 'FLV file of H.264 (and AAC) to push instead' },
    { flag: 'duration', argument: 'SECONDS', help: 'Repeat or cut it to this length; 0 until stopped [once]' },
    { flag: 'speed', argument: 'SPEED', help: `${SPEEDS.join(' or ')} [realtime]` },
    URL_OPTION,
  ],

  async run(context: CommandContext) {
    const { durationMs, speed, clipPath } = readOptions(context);
    const clip = await loadClip(clipPath);
    const { url, server } = await target(context);
    const push = await ClipPush.start({
      url,
      clip,
      durationMs: durationMs ?? clip.durationMs,
      speed,
      clock: systemClock,
    }).catch((error: unknown) => fail(`Cannot push to ${server}`, error));
    const unsubscribe = context.onSignal(() => push.stop());
    const goal = durationMs ?? clip.durationMs;
    const drawing = draw(context, push, goal);
    try {
      await push.done.catch((error: unknown) => fail(`The push to ${server} broke off`, error));
    } finally {
      drawing.stop();
      unsubscribe();
    }
    const sentSec = push.sentMs / 1000;
    answer(
      context,
      { clip: clip.name, server, sentMs: push.sentMs },
      `Pushed ${sentSec.toFixed(1)} s of ${clip.name} to ${server}.`,
    );
    return EXIT.ok;
  },
};

/**
 * @throws RtmpRefusedError when that is the error
 * @throws Refused with the reason, when the connection failed
 */
function fail(what: string, error: unknown): never {
  const isBug = isError(error, 'TypeError', 'RangeError');
  if (error instanceof RtmpRefusedError || isBug) throw error;
  throw new Refused(`${what}: ${errorText(error)}`);
}

/** Where to push, and the same without the signature, for the output. */
async function target(context: CommandContext): Promise<{ readonly url: string; readonly server: string }> {
  const url = flagValue(context, 'to');
  if (url === undefined) return call(context, 'sign', requiredChannel(context));
  if (flagValue(context, 'channel') !== undefined) throw new UsageError('Give --channel or --to, not both.');
  const server = withoutSecrets(url);
  if (!isPushUrl(url)) {
    const given = mayHaveSecret(url) ? '' : `, not "${url}"`;
    throw new UsageError(`--to must be an address like rtmp://127.0.0.1:9000/app/stream${given}.`);
  }
  return { url, server };
}

function isPushUrl(url: string): boolean {
  try {
    const { streamName, port } = parseRtmpUrl(url);
    return streamName !== '' && port <= MAX_PORT;
  } catch {
    return false;
  }
}

/** Without the query, which has the signature, and without a password. */
function withoutSecrets(url: string): string {
  return url.replace(/\?[\s\S]*$/, '').replace(/\/\/[^/@]*@/, '//');
}

function readOptions(context: CommandContext) {
  const pattern = flagValue(context, 'pattern');
  const clipPath = flagValue(context, 'clip');
  const speedText = flagValue(context, 'speed') ?? 'realtime';
  const speed = SPEEDS.find((known) => known === speedText);
  const durationSec = readFlag(context, 'duration', parseDuration);
  const known: readonly string[] = PATTERNS;
  if (pattern !== undefined && !known.includes(pattern))
    throw new UsageError(`--pattern: ${unknownName('pattern', pattern, known)}.`);
  if (pattern !== undefined && clipPath !== undefined) throw new UsageError('Give --pattern or --clip, not both.');
  if (!speed) throw new UsageError(`--speed must be ${SPEEDS.join(' or ')}, not "${speedText}".`);
  const durationMs = durationSec === 0 ? Number.POSITIVE_INFINITY : durationSec && durationSec * 1000;
  return { durationMs, speed, clipPath };
}

/** Draws a progress bar, or the seconds of a push without an end. */
function draw(context: CommandContext, push: ClipPush, goalMs: number): { stop(): void } {
  const redraw = () => {
    const sec = (push.sentMs / 1000).toFixed(1);
    if (Number.isFinite(goalMs)) {
      context.progress(progressBar(push.sentMs, goalMs, `${sec} of ${(goalMs / 1000).toFixed(1)} s`));
    } else {
      context.progress(`${sec} s, Ctrl-C ends it`);
    }
    timer = systemClock.setTimeout(redraw, REDRAW_MS);
  };
  let timer = systemClock.setTimeout(redraw, 0);
  return {
    stop() {
      timer.cancel();
      context.progress('');
    },
  };
}
