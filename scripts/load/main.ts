/**
 * Many publishers from one process, for load tests of any RTMP server:
 *
 *     npx tsx scripts/load/main.ts --url 'rtmp://127.0.0.1:9000/live/cam-{n}' --publishers 100 --seconds 30
 *
 * Its own CPU time is printed separately. With `--json` every line is an event, for a program that runs it.
 */
import { parseArgs } from 'node:util';
import { MEDIA_CHANNELS } from '../../src/rtmp/client.ts';
import { readClip } from './clip.ts';
import { LoadGenerator, type LoadOptions, type LoadReport } from './generator.ts';
import { createReplay } from './replay.ts';

const HELP = `Usage: tsx scripts/load/main.ts --url URL [options]
  --url URL            rtmp://..., with {n} where the number of the publisher goes
  --publishers N       [10]
  --seconds S          from all connected to the end [30]
  --ramp S             connect one after the other over this time [1]
  --reconnect S        who is lost, killed or refused comes back after this
  --kill-every S       cut the next publisher in turn with a TCP reset, this often
  --flv FILE           the clip to replay [720p30, 2 Mbit/s, key frame every 2 s, made by ffmpeg]
  --tick MS            how often a publisher sends [20]
  --chunk-size BYTES   of the chunks that are sent [4096, as OBS]
  --json               one JSON object per line: accepted (the first), connected (all), then the report`;

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
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      publishers: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '30' },
      ramp: { type: 'string', default: '1' },
      reconnect: { type: 'string' },
      'kill-every': { type: 'string' },
      flv: { type: 'string' },
      tick: { type: 'string', default: '20' },
      'chunk-size': { type: 'string', default: '4096' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help || values.url === undefined) {
    console.log(HELP);
    return;
  }
  const seconds = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const options: LoadOptions = {
    url: values.url,
    publishers: Number(values.publishers),
    seconds: Number(values.seconds),
    rampSec: Number(values.ramp),
    reconnectSec: seconds(values.reconnect),
    killEverySec: seconds(values['kill-every']),
    chunkSizeBytes: Number(values['chunk-size']),
  };
  const replay = createReplay(await readClip(values.flv), {
    tickMs: Number(values.tick),
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
