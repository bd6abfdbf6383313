import * as v from 'valibot';
import { choice, documented, fields, optional, text } from '../../base/schema.ts';
import { MAX_CLIP_MIB } from './clip.ts';

export const PATTERNS = ['bars'] as const;
export const SPEEDS = ['realtime', 'max'] as const;

/** What to push, and where: to a channel, or to an address. */
export interface PublishRequest {
  readonly channel?: string;
  /**
   * Instead of a channel: the complete address of a stream or of a room. The push goes to this emulator, also when the
   * host in it is another one.
   */
  readonly url?: string;
  /** Default the first bucket. */
  readonly bucket?: string;
  /** The clip that comes with the emulator; the default. */
  readonly pattern?: (typeof PATTERNS)[number];
  /** Path of an FLV file of H.264 (and AAC) to push instead. */
  readonly clip?: string;
  /** Repeats or cuts the clip to this length; default once through. */
  readonly durationSec?: number;
  /** `realtime` by the clock of the emulator, the default, or as fast as possible. */
  readonly speed?: (typeof SPEEDS)[number];
  /** Overrides the channel's own for this push. */
  readonly playlistName?: string;
}

export const publishRequestSchema = fields({
  channel: documented(optional(text), 'Created with the defaults when it does not exist.'),
  url: documented(
    optional(text),
    'Instead of a channel: the address of a stream, e.g. `rtmp://push.example.com/app/s1`, or of a room. Whatever its host, the push goes to this emulator.',
  ),
  bucket: documented(optional(text), 'Of the channel; default the first bucket.'),
  pattern: documented(optional(choice(PATTERNS)), 'The clip that comes with the emulator.'),
  clip: documented(
    optional(text),
    `Path of an FLV file of H.264 (and AAC) to push instead: a regular file of at most ${MAX_CLIP_MIB} MiB.`,
  ),
  durationSec: documented(
    optional(v.pipe(v.number('must be a number'), v.gtValue(0, 'must be above 0'))),
    'Repeats or cuts the clip to this length; once through when left out.',
  ),
  speed: documented(optional(choice(SPEEDS)), '`realtime` by the clock of the emulator (default), or `max`.'),
  playlistName: optional(text),
}) satisfies v.GenericSchema<unknown, PublishRequest>;
