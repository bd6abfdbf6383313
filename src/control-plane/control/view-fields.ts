/** Fields of several views. The schema of a view gives its type, its documentation, and the check in the tests. */
import * as v from 'valibot';
import { documented, fields, integer, text } from '../../base/schema.ts';

export type ReadonlyDeep<Value> = Value extends readonly (infer Item)[]
  ? readonly ReadonlyDeep<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]: ReadonlyDeep<Value[Name]> }
    : Value;

/** The documents that a schema describes. */
export type ViewOf<Described extends v.GenericSchema> = ReadonlyDeep<v.InferOutput<Described>>;

/** Milliseconds since the Unix epoch. */
export const timeMs = integer(0);
export const count = integer(0);

const videoStat = fields({
  width: count,
  height: count,
  frameRate: count,
  bandwidth: documented(count, 'Bytes per second, recent average, as GetLiveChannelStat has it.'),
  codec: text,
});
const audioStat = fields({ bandwidth: count, sampleRate: count, codec: text });

/** Null until the first frame arrives. */
export const video = v.nullable(videoStat);
export const audio = v.nullable(audioStat);

/** Counters since the push began; the difference of two readings gives a rate. */
export const totals = fields({ videoFrames: count, videoBytes: count, audioFrames: count, audioBytes: count });

/** A user of a room. */
export const userName = { appId: text, channelId: text, userId: text };

/** What an event or a viewer is about: a stream, or a user of a room. */
export const subject = v.union([fields({ domain: text, app: text, stream: text }), fields(userName)]);

/** The names of a stream that was pushed. */
export const streamName = {
  domain: documented(text, '`*` when it was pushed to an address without a domain.'),
  app: text,
  stream: text,
};
