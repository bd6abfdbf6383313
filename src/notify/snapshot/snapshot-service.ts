import pLimit from 'p-limit';
import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import type { Log } from '../../base/log.ts';
import { UniqueTimes } from '../../base/unique-times.ts';
import type { Events } from '../../events/events.ts';
import { newRequestId } from '../../http/request-id.ts';
import type { FfmpegBinary } from '../../recording/segmenter/ffmpeg-binary.ts';
import type { MetadataStore } from '../../storage/metadata/metadata-store.ts';
import type { SessionRecord, SnapshotConfig } from '../../storage/metadata/records.ts';
import type { Objects } from '../../storage/objects/objects.ts';
import { createCamera, type SnapshotCamera } from './camera.ts';
import { developJpeg } from './jpeg.ts';
import { snapshotMessage } from './snapshot-message.ts';

/** Pictures being made at a time, over all sessions. */
const MAX_CHILDREN = 2;
/** Pictures that wait. A further one is dropped, because each takes memory. */
const MAX_WAITING = 16;

export interface SnapshotDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly events: Events;
  readonly metadata: Pick<MetadataStore, 'getBucket'>;
  readonly objects: Objects;
  /** Sends to an MNS topic, which is created if it does not exist. */
  readonly publish: (topic: string, body: string) => Promise<void>;
  /** Called for the first picture. */
  readonly findFfmpeg: () => Promise<FfmpegBinary>;
  readonly region: string;
  readonly accountId: string;
}

interface Shot {
  readonly session: SessionRecord;
  readonly config: SnapshotConfig;
  readonly accessUnit: Buffer;
  readonly takenMs: number;
}

/** Takes the pictures of all sessions. A stream never waits for a picture and never ends because one failed. */
export class SnapshotService {
  readonly #deps: SnapshotDeps;
  readonly #limit = pLimit(MAX_CHILDREN);
  readonly #unfinished = new Set<Promise<void>>();
  #ffmpeg: Promise<FfmpegBinary> | undefined;
  #toldOfMissingFfmpeg = false;

  constructor(deps: SnapshotDeps) {
    this.#deps = deps;
  }

  /** The camera of one session. */
  open(session: SessionRecord, config: SnapshotConfig): SnapshotCamera {
    // The names of a session are unique also when the clock has not moved.
    const times = new UniqueTimes();
    return createCamera(config.intervalSec * 1000, (accessUnit) => {
      this.#take({ session, config, accessUnit, takenMs: times.next(this.#deps.clock.now()) });
    });
  }

  /** Resolves when every picture taken so far is stored or dropped. */
  async stop(): Promise<void> {
    while (this.#unfinished.size > 0) await Promise.all(this.#unfinished);
  }

  #take(shot: Shot): void {
    if (this.#toldOfMissingFfmpeg) return;
    if (this.#limit.pendingCount >= MAX_WAITING) {
      this.#fail(shot, `${MAX_WAITING} pictures are waiting already`);
      return;
    }
    const done = this.#limit(() => this.#develop(shot))
      .catch((error) => this.#fail(shot, errorText(error)))
      .finally(() => this.#unfinished.delete(done));
    this.#unfinished.add(done);
  }

  async #develop(shot: Shot): Promise<void> {
    this.#ffmpeg ??= this.#deps.findFfmpeg();
    const ffmpeg = await this.#ffmpeg;
    if (ffmpeg.found) await this.#store(shot, await developJpeg(shot.accessUnit, ffmpeg.path, this.#deps.clock));
    else this.#tellOfMissingFfmpeg(shot, ffmpeg.reason);
  }

  async #store({ session, config, takenMs }: Shot, jpeg: Buffer): Promise<void> {
    const { clock, metadata, objects, events, publish, region, accountId } = this.#deps;
    const { destBucket, notifyTopic } = config;
    if (!(await metadata.getBucket(destBucket))) throw new Error(`the bucket ${destBucket} does not exist any more`);
    const key = await this.#freeKey(session, destBucket, takenMs);
    const headers = { 'content-type': 'image/jpeg' };
    const { etag, sizeBytes } = await objects.put(destBucket, key, jpeg, { headers });
    const requestId = newRequestId();
    const { remoteAddr } = session;
    const stored = { bucket: destBucket, key, etag, sizeBytes, storedMs: clock.now(), remoteAddr, requestId };
    await publish(notifyTopic, snapshotMessage({ region, accountId, ...stored }));
    events.emit({ type: 'snapshot.stored', ...about(session), destBucket, key, sizeBytes });
  }

  /** Named by the time of its key frame, plus 1 ms for as long as that name is taken; fragments are named alike. */
  async #freeKey({ bucket, channel }: SessionRecord, destBucket: string, takenMs: number): Promise<string> {
    for (let nameMs = takenMs; ; nameMs++) {
      const key = `${bucket}/${channel}/${nameMs}.jpg`;
      if (!(await this.#deps.objects.find(destBucket, key))) return key;
    }
  }

  #tellOfMissingFfmpeg(shot: Shot, reason: string): void {
    if (this.#toldOfMissingFfmpeg) return;
    this.#toldOfMissingFfmpeg = true;
    this.#fail(shot, `pictures need ffmpeg, but ${reason}; there will be none`);
  }

  #fail({ session }: Shot, reason: string): void {
    const { log, events } = this.#deps;
    log.warn('snapshot.failed', { ...about(session), reason });
    events.emit({ type: 'snapshot.failed', ...about(session), reason });
  }
}

function about({ bucket, channel, id }: SessionRecord): { bucket: string; channel: string; sessionId: string } {
  return { bucket, channel, sessionId: id };
}
