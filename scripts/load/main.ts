/**
 * Many publishers from one process, for load tests of any RTMP server:
 *
 *     npx tsx scripts/load/main.ts --url 'rtmp://127.0.0.1:9000/live/cam-{n}' --publishers 100 --seconds 30
 *
 * Its own CPU time is printed separately. With `--json` every line is an event, for a program that runs it.
 */
import { MEDIA_CHANNELS } from '../../src/rtmp/client.ts';
import { amount, count, described, end, flag, positive, readOptions, text } from '../support/command-line.ts';
import { readClip } from './clip.ts';
import { LoadGenerator, type LoadOptions, type LoadReport } from './generator.ts';
import { createReplay } from './replay.ts';

function print(report: LoadReport): void {
  const { publishers, seconds, acceptMs, sentBytes, droppedBytes, killed, lost, reconnected, ownCpuMs, ownLateMs } =
    report;
  const sorted = acceptMs.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  console.log(`${publishers} publishers for ${seconds} s`);
  console.log(
    `accepted   after ${median.toFixed(1)} ms (median), ${(sorted.at(-1) ?? Number.NaN).toFixed(1)} ms (worst)`,
  );
  console.log(`sent       ${(sentBytes / 1e6).toFixed(1)} MB, dropped ${(droppedBytes / 1e6).toFixed(1)} MB`);
  console.log(`ended      ${killed} killed, ${lost} lost, ${report.refused.length} refused, ${reconnected} came back`);
  console.log(
    `own cost   ${(ownCpuMs / (publishers * seconds)).toFixed(2)} ms of CPU per stream-second, late by ${ownLateMs.toFixed(0)} ms (worst)`,
  );
  for (const refusal of new Set(report.refused)) console.log(`refused    ${refusal}`);
}

async function main(): Promise<void> {
  const values = readOptions(import.meta.url, {
    url: described('rtmp://..., with {n} where the number of the publisher goes', text('URL', undefined)),
    publishers: count(10),
    seconds: described('From all connected to the end', positive(30)),
    ramp: described('Connect one after the other over this time, in seconds', amount(1)),
    reconnect: described('Who is lost, killed or refused comes back after this time, in seconds', amount(undefined)),
    'kill-every': described(
      'Cut the next publisher in turn with a TCP reset, this often, in seconds',
      positive(undefined),
    ),
    flv: described('The clip to replay; without it, one made by ffmpeg: 720p30, 2 Mbit/s', text('FILE', undefined)),
    tick: described('How often a publisher sends, in milliseconds', count(20)),
    'chunk-size': described('Bytes of the chunks that are sent, 4096 as OBS', count(4096)),
    json: flag('One JSON object per line: accepted (the first), connected (all), then the report'),
  });
  if (values.url === undefined) end('--url must be given; see --help.');
  const options: LoadOptions = {
    url: values.url,
    publishers: values.publishers,
    seconds: values.seconds,
    rampSec: values.ramp,
    reconnectSec: values.reconnect,
    killEverySec: values['kill-every'],
    chunkSizeBytes: values['chunk-size'],
  };
  const replay = createReplay(await readClip(values.flv), {
    tickMs: values.tick,
    chunkSizeBytes: options.chunkSizeBytes,
    chunkStreamIds: { audio: MEDIA_CHANNELS.audio.chunkStreamId, video: MEDIA_CHANNELS.video.chunkStreamId },
  });
  const report = await new LoadGenerator(options, replay).run((event) => {
    if (values.json) console.log(JSON.stringify({ event }));
  });
  if (values.json) console.log(JSON.stringify({ event: 'report', ...report }));
  else print(report);
}

await main();
