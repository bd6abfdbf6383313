import type { MediaMessage } from '../../media/flv/media-message.ts';
import { parseAudioTag, parseVideoTag } from '../../media/flv/tags.ts';
import {
  cuttingRule,
  type FragmentInfo,
  type FragmentSink,
  type MuxerFactory,
  type Segmenter,
} from '../../recording/segmenter/segmenter.ts';
import { createSegmenter } from '../../recording/segmenter/segmenting-session.ts';
import { type Clip, repeatClip } from '../publisher/clip.ts';
import { countPackets, restamp } from './restamp.ts';

const TICKS_PER_MS = 90;

/** One fragment of the recording. */
export interface MadeFragment {
  readonly durationMs: number;
  readonly sizeBytes: number;
}

interface Template extends MadeFragment {
  readonly packets: Buffer;
}

/**
 * The recording of a clip that is pushed repeatedly without end. Each fragment is computed when it is read. The cuts
 * repeat as soon as a fragment begins at the start of the clip again. The fragments up to there are recorded once, by the
 * segmenter of real pushes; every later fragment is a copy of one of them, moved to a later time.
 */
export class EndlessRecording {
  readonly #templates: readonly Template[];
  readonly #periodTicks: number;
  readonly #counts: ReadonlyMap<number, number>;

  constructor(clip: Clip, fragDurationSec: number, muxer: MuxerFactory) {
    const { templates, periodTicks } = recordPeriod(clip, fragDurationSec, muxer);
    this.#templates = templates;
    this.#periodTicks = periodTicks;
    const counts = new Map<number, number>();
    for (const { packets } of templates) countPackets(packets, counts);
    this.#counts = counts;
  }

  /** Length and size of the n-th fragment, from 0. */
  fragment(index: number): MadeFragment {
    return this.#template(index);
  }

  /** Its bytes. Times and continuity counters continue those of the fragment before it. */
  bytes(index: number): Buffer {
    const turn = Math.floor(index / this.#templates.length);
    return restamp(this.#template(index).packets, turn * this.#periodTicks, this.#counts, turn);
  }

  #template(index: number): Template {
    const template = this.#templates[index % this.#templates.length];
    if (!template) throw new RangeError('the clip gave no fragment');
    return template;
  }
}

/** Pushes the clip through the segmenter until a fragment begins with the clip again. */
function recordPeriod(
  clip: Clip,
  fragDurationSec: number,
  muxer: MuxerFactory,
): { templates: readonly Template[]; periodTicks: number } {
  const clipTicks = clip.durationMs * TICKS_PER_MS;
  const recorded = new Collector();
  const segmenter = createSegmenter({
    rule: cuttingRule(fragDurationSec),
    muxer,
    sink: recorded,
    onDrain: () => {},
    onFailure: (error) => {
      throw error;
    },
  });
  for (const message of repeatClip(clip, Number.POSITIVE_INFINITY)) {
    feed(segmenter, message);
    const { latest } = recorded;
    if (latest && latest.startDtsTicks > 0 && latest.startDtsTicks % clipTicks === 0) {
      segmenter.destroy();
      return { templates: recorded.templates.slice(0, -1), periodTicks: latest.startDtsTicks };
    }
  }
  throw new RangeError('a clip without an end ended');
}

function feed(segmenter: Segmenter, { kind, payload, timestampMs }: MediaMessage): void {
  if (kind === 'video') {
    const tag = parseVideoTag(payload);
    if (tag.kind === 'config') segmenter.videoConfig(tag.config);
    if (tag.kind !== 'frame') return;
    const { keyFrame, compositionMs, data } = tag;
    segmenter.write({ kind, dtsMs: timestampMs, keyFrame, compositionMs, data });
  } else if (kind === 'audio') {
    const tag = parseAudioTag(payload);
    if (tag.kind === 'config') segmenter.audioConfig(tag.config);
    if (tag.kind === 'frame') segmenter.write({ kind, dtsMs: timestampMs, data: tag.data });
  }
}

/** Collects the fragments that the segmenter closes. */
class Collector implements FragmentSink {
  readonly templates: Template[] = [];
  /** The fragment that was closed last. */
  latest: FragmentInfo | undefined;

  open() {
    const pieces: Buffer[] = [];
    return {
      write: (packets: Buffer) => {
        pieces.push(Buffer.from(packets));
      },
      close: (info: FragmentInfo) => {
        const { durationMs, sizeBytes } = info;
        this.templates.push({ durationMs, sizeBytes, packets: Buffer.concat(pieces) });
        this.latest = info;
      },
      abort: () => {},
    };
  }
}
