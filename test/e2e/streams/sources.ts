/** Streams as encoders send them, with what must be received of each. */
import type { StreamFinding } from '../../../src/events/findings.ts';
import type { MediaMessage } from '../../../src/media/flv/media-message.ts';
import {
  before,
  isConfig,
  isKeyFrame,
  ofKind,
  readClip,
  type SentMessages,
  shifted,
  type Tags,
  withoutEnd,
} from '../flv-tags.ts';
import {
  adtsFrames,
  annexB,
  audioHeaderAt,
  clockJump,
  clockOf24Bits,
  compositionOf,
  delimiterMessages,
  emptyAudioHeaderFirst,
  headersRepeated,
  oddMessagesBetween,
  parameterSetMessages,
  parameterSetsInBand,
  seiMessages,
  sliceMessages,
  soundChanged,
  soundFrom,
  videoHeaderAt,
  withoutHeader,
  withoutKeyFrameFlag,
} from './encoder-quirks.ts';

export interface Source {
  readonly name: string;
  readonly sent: SentMessages;
  /** What is received of it, as a stream in usual form. */
  readonly plain: Tags;
  /** In the recording. */
  readonly discontinuities: number;
  readonly findings: readonly StreamFinding[];
}

/** 8 s from time 0 on, a key frame every 2 s; each picture is two slices. */
export const CLIP = beginningWithKeyFrame(withoutEnd(readClip('h264-aac-160x90-slices')));
/** Its sound is of 48 kHz, mono. */
const OTHER_SOUND = before(readClip('h264-aac-open-gop'), 6000);

/** As ffmpeg sends an MPEG transport stream whose sound begins after the picture. */
const FROM_MPEG_TS = emptyAudioHeaderFirst(audioHeaderAt(soundFrom(CLIP, 40), 40));
/** As long as the other sound. */
const SHORT = before(CLIP, 6000);
const LATE = shifted(CLIP, 1_000_000);

export const SOURCES: readonly Source[] = [
  // Sequence headers
  usual('plain', CLIP),
  usual('an empty AAC header, and the right one after the first key frame', FROM_MPEG_TS),
  usual('an AAC header 40 ms late', audioHeaderAt(CLIP, 40)),
  usual('an AAC header 900 ms late', audioHeaderAt(CLIP, 900)),
  usual('an AAC header 1.5 s late', audioHeaderAt(CLIP, 1500)),
  usual('an AAC header 5 s late', audioHeaderAt(CLIP, 5000), { findings: ['no-audio-header'] }),
  usual('an AVC header 40 ms late, without sound', videoHeaderAt(ofKind(CLIP, 'video'), 40)),
  usual('both headers before each key frame', headersRepeated(CLIP)),
  usual('another AAC header in a group of pictures', soundChanged(SHORT, 3000, OTHER_SOUND), { discontinuities: 1 }),
  usual('another AAC header right after a key frame', soundChanged(SHORT, 2010, OTHER_SOUND), { discontinuities: 1 }),
  usual('another AAC header at a key frame', soundChanged(SHORT, 4000, OTHER_SOUND), { discontinuities: 1 }),
  usual('no AAC header', withoutHeader(CLIP, 'audio'), { findings: ['no-audio-header'] }),
  odd('no AVC header, SPS and PPS in band', withoutHeader(parameterSetsInBand(CLIP), 'video'), {
    findings: ['sequence-header'],
  }),
  usual('SPS and PPS in band and in the AVC header', parameterSetsInBand(CLIP)),

  // NAL units in messages of their own
  odd('SPS and PPS as key frames', parameterSetMessages(CLIP, 'key')),
  odd('SPS and PPS as inter frames', parameterSetMessages(CLIP, 'inter')),
  odd('access unit delimiters as inter frames', delimiterMessages(CLIP)),
  odd('SEI as inter frames, at the time of the picture', seiMessages(CLIP, 0)),
  odd('SEI as inter frames, between pictures', seiMessages(CLIP, 20)),
  odd('each slice as a message', sliceMessages(CLIP), { findings: ['split-picture'] }),
  odd('each NAL unit as a message', sliceMessages(parameterSetsInBand(CLIP)), { findings: ['split-picture'] }),

  // Payloads, flags, composition times
  odd('Annex B', annexB(CLIP), { findings: ['annex-b'] }),
  odd('Annex B, no AVC header', withoutHeader(annexB(parameterSetsInBand(CLIP)), 'video'), {
    findings: ['annex-b', 'sequence-header'],
  }),
  odd('no key frame flag', withoutKeyFrameFlag(CLIP), { findings: ['key-frame-flag'] }),
  odd('AAC frames with ADTS headers', adtsFrames(CLIP), { findings: ['adts'] }),
  odd('composition times below zero', compositionOf(CLIP, -40), { findings: ['composition-time'] }),
  odd('absurd composition times', compositionOf(CLIP, -0x800000), { findings: ['composition-time'] }),

  // The clock of the encoder
  jump('a clock that goes back to 0 at a key frame', clockJump(LATE, 1_004_000, -1_004_000)),
  jump('a clock that goes back to 0 in a group of pictures', clockJump(LATE, 1_003_000, -1_003_000)),
  jump('a clock that goes forward by an hour', clockJump(CLIP, 4000, 3_600_000)),
  jump('a clock of 24 bits, over at a key frame', clockOf24Bits(shifted(CLIP, 2 ** 24 - 4000))),
  jump('a clock of 24 bits, over in a group of pictures', clockOf24Bits(shifted(CLIP, 2 ** 24 - 3000))),
  odd('a clock that goes back by half a second', clockJump(CLIP, 4000, -500)),
  odd('a clock that goes forward by five seconds', clockJump(CLIP, 4000, 5000), {
    findings: ['video-gap', 'audio-gap', 'key-frame-interval'],
  }),

  // Other messages
  odd('commands that cannot be decoded', oddMessagesBetween(CLIP)),
];

/** What can be decoded of a stream in usual form: each track from its header on, all from the first key frame on. */
function decodable(tags: Tags): Tags {
  const described = new Set<string>();
  let startMs: number | undefined;
  return tags.filter((tag) => {
    if (isConfig(tag)) {
      if (!isEmpty(tag)) described.add(tag.kind);
      return !isEmpty(tag);
    }
    if (!described.has(tag.kind)) return false;
    if (isKeyFrame(tag)) startMs ??= tag.timestampMs;
    return startMs !== undefined && tag.timestampMs >= startMs;
  });
}

type Expected = Partial<Pick<Source, 'discontinuities' | 'findings'>>;

/** A stream that every receiver understands. */
function usual(name: string, sent: Tags, { discontinuities = 0, findings = [] }: Expected = {}): Source {
  const plain = decodable(sent);
  return { name, sent, plain, discontinuities, findings };
}

/** The clip in a form of which a receiver must make the clip. */
function odd(name: string, sent: SentMessages, { discontinuities = 0, findings = [] }: Expected = {}): Source {
  return { name, sent, plain: CLIP, discontinuities, findings };
}

/** The clip, whose clock jumps: nothing is lost, and a recording has a discontinuity at the next key frame. */
function jump(name: string, sent: Tags): Source {
  return { name, sent, plain: CLIP, discontinuities: 1, findings: ['time-jump'] };
}

/** Of a sequence header: nothing after frame and codec and the packet type. */
function isEmpty({ payload }: MediaMessage): boolean {
  return payload.length === 2;
}

/** Without the audio frame of the encoder's delay, which comes before the first picture. */
function beginningWithKeyFrame(tags: Tags): Tags {
  const startMs = tags.find(isKeyFrame)?.timestampMs ?? 0;
  return tags.flatMap((tag) => {
    if (isConfig(tag) || tag.kind === 'data') return [tag];
    return tag.timestampMs < startMs ? [] : shifted([tag], -startMs);
  });
}
