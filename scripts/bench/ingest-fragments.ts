/** Checks whether the recording of a server is correct, and whether it was complete in time. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RecordedFragment, RunningIngestServer } from './ingest-server.ts';

export interface Verdict {
  /** Fragments checked with ffprobe and ffmpeg, and how many of them agree with their playlist. */
  readonly checked: number;
  readonly good: number;
  readonly faults: readonly string[];
  /**
   * The maximum delay of a complete fragment after its media, relative to the earliest fragment of its stream, while the encoders
   * push: of all but the last one of each stream.
   */
  readonly worstLateMs: number;
  /** The same of the last ones: every encoder stops at the same moment. */
  readonly endLateMs: number;
}

interface ListedFragment extends RecordedFragment {
  readonly durationSec: number;
}

/** The permitted difference of EXTINF and the container: an audio frame and the rounding of both. */
const DURATION_TOLERANCE_SEC = 0.15;
/** Decoding takes as much CPU time as the whole recording; only this many streams are checked. */
const SAMPLED_PUBLISHERS = 2;

const run = promisify(execFile);

export async function verifyFragments(server: RunningIngestServer, publishers: number): Promise<Verdict> {
  const listed: ListedFragment[][] = [];
  for (let n = 0; n < publishers; n++) listed.push(await listFragments(server, n));
  const sampled = listed.filter((_, n) => n < 1 || n === publishers - 1).slice(0, SAMPLED_PUBLISHERS);
  const faults: string[] = listed.flatMap((fragments, n) => (fragments.length === 0 ? [`stream ${n} has none`] : []));
  let checked = 0;
  let good = 0;
  for (const fragment of sampled.flat()) {
    const fault = await faultOf(fragment);
    checked++;
    if (fault === undefined) good++;
    else faults.push(`${fragment.address}: ${fault}`);
  }
  const lateMs = listed.map(latenessMs);
  const worstLateMs = Math.max(0, ...lateMs.flatMap((late) => late.slice(0, -1)));
  const endLateMs = Math.max(0, ...lateMs.flatMap((late) => late.slice(-1)));
  return { checked, good, faults, worstLateMs, endLateMs };
}

async function listFragments(server: RunningIngestServer, publisher: number): Promise<ListedFragment[]> {
  const text = (await server.playlist(publisher)) ?? '';
  const fragments: ListedFragment[] = [];
  for (const [, durationSec, uri = ''] of text.matchAll(/#EXTINF:([\d.]+),.*\n(\S+)/g)) {
    const { address, storedMs } = await server.fragment(publisher, uri);
    fragments.push({ address, storedMs, durationSec: Number(durationSec) });
  }
  return fragments;
}

async function faultOf({ address, durationSec }: ListedFragment): Promise<string | undefined> {
  const entries = ['-show_entries', 'packet=codec_type,duration_time', '-select_streams', 'v', '-of', 'csv=p=0'];
  const probe = await run('ffprobe', ['-v', 'error', ...entries, address], { maxBuffer: 1 << 24 });
  const packets = probe.stdout.split('\n').filter((line) => line.startsWith('video'));
  const videoSec = packets.reduce((sum, line) => sum + Number(line.split(',')[1] ?? 0), 0);
  if (Math.abs(videoSec - durationSec) > DURATION_TOLERANCE_SEC) {
    return `has ${videoSec.toFixed(3)} s of pictures, EXTINF says ${durationSec}`;
  }
  const { stderr } = await run('ffmpeg', ['-nostdin', '-v', 'error', '-i', address, '-f', 'null', '-']);
  return stderr === '' ? undefined : stderr.trim().split('\n')[0];
}

/** Of each fragment: the n-th one is due when the media before and in it have been sent. */
function latenessMs(fragments: readonly ListedFragment[]): readonly number[] {
  let dueMs = 0;
  const offsetsMs: number[] = [];
  for (const { storedMs, durationSec } of fragments) {
    dueMs += durationSec * 1000;
    offsetsMs.push(storedMs - dueMs);
  }
  const earliestMs = Math.min(...offsetsMs);
  return offsetsMs.map((offsetMs) => offsetMs - earliestMs);
}
