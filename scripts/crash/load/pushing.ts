import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readFlvTags } from '../../../src/media/flv/file.ts';
import { RtmpPublisher } from '../../../src/rtmp/client.ts';

const CLIP = fileURLToPath(new URL('../../../fixtures/clips/h264-aac-160x90-slices.flv', import.meta.url));
/** So much media is sent at once, and then nothing for a moment: faster than real time, but not all that the machine can. */
const BURST_MS = 200;
const PAUSE_MS = 8;

const tags = [...readFlvTags(readFileSync(CLIP))];
const opening = tags.filter(({ kind, payload }) => kind === 'data' || payload[1] === 0);
const media = tags.filter((tag) => !opening.includes(tag));
const lengthMs = Math.max(...media.map(({ timestampMs }) => timestampMs)) + 40;

/**
 * Pushes `durationMs` of the clip, repeated, and ends as encoders do.
 * @throws Error of the connection when the emulator is killed
 */
export async function pushMedia(url: string, durationMs: number, gone: AbortSignal): Promise<void> {
  const publisher = await RtmpPublisher.publish(url, { signal: gone });
  const lost = publisher.closed.then((error) => {
    if (error) throw error;
  });
  lost.catch(() => {});
  for (const tag of opening) publisher.send({ ...tag, timestampMs: 0 });
  let sentMs = 0;
  for (let from = 0; from < durationMs; from += lengthMs) {
    for (const tag of media) {
      const timestampMs = from + tag.timestampMs;
      if (timestampMs >= durationMs) break;
      if (!publisher.send({ ...tag, timestampMs })) await Promise.race([publisher.drained(), lost]);
      if (timestampMs < sentMs + BURST_MS) continue;
      sentMs = timestampMs;
      await Promise.race([delay(PAUSE_MS, undefined, { signal: gone }), lost]);
    }
  }
  await publisher.unpublish();
  await lost;
}
