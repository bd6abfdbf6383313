import type { Clock } from '../base/clock.ts';
import { errorStack } from '../base/error-text.ts';
import type { Log } from '../base/log.ts';
import { type LostRecording, Recorder, recordingPosition } from '../recording/fragments/recorder.ts';
import type { Shelf } from '../recording/fragments/shelf.ts';
import { cuttingRule, type FragmentSink, type MuxerFactory, type Segmenter } from '../recording/segmenter/segmenter.ts';
import { createSegmenter } from '../recording/segmenter/segmenting-session.ts';
import type { Publisher } from '../rtmp/publish.ts';
import type { Fence } from '../storage/leases/leases.ts';
import type { MetadataStore } from '../storage/metadata/metadata-store.ts';
import type { ObjectStore } from '../storage/objects/object-store.ts';
import type { BackPressure } from './back-pressure.ts';

export interface PushRecordingDeps {
  readonly clock: Clock;
  readonly metadata: MetadataStore;
  readonly bytes: ObjectStore;
  readonly muxer: MuxerFactory;
}

export interface PushRecordingOptions {
  /** Of the push. */
  readonly log: Log;
  readonly sessionId: string;
  /** The lease of the push. */
  readonly fence?: Fence | undefined;
  readonly shelf: Shelf;
  readonly fragDurationSec: number;
  /** Is read when a fragment is about to be closed. */
  readonly publisher: Pick<Publisher, 'readIn'>;
  readonly backPressure: BackPressure;
  /** As in RecorderOptions. */
  readonly before?: (() => Promise<void>) | undefined;
  readonly onFailure: (what: 'recorder' | 'segmenter', error: Error) => void;
  readonly onForcedCut?: (durationMs: number) => void;
}

/** What turns the frames of a push into stored fragments. */
export interface PushRecording {
  readonly segmenter: Segmenter;
  /** Resolves when the last fragment is stored and listed, or given up: to what was lost, if something was. */
  end(): Promise<LostRecording | undefined>;
}

/** Begins to record a push; the first fragment begins with the next key frame. */
export async function startPushRecording(
  {
    log,
    sessionId,
    fence,
    shelf,
    fragDurationSec,
    publisher,
    backPressure,
    before,
    onFailure,
    onForcedCut,
  }: PushRecordingOptions,
  { clock, metadata, bytes, muxer }: PushRecordingDeps,
): Promise<PushRecording> {
  const recorder = new Recorder(
    {
      clock,
      metadata,
      bytes,
      shelf,
      sessionId,
      fence,
      before,
      onFailure: (error) => onFailure('recorder', error),
      onBusy: (until) => {
        backPressure.wait(until);
        until.then(() => backPressure.release(until));
      },
    },
    await recordingPosition(metadata, shelf),
  );
  const segmenter = createSegmenter({
    rule: cuttingRule(fragDurationSec),
    muxer,
    sink: onForcedCut ? noticeForcedCuts(recorder, onForcedCut) : recorder,
    onNextCut: (inMs) => publisher.readIn(inMs),
    onDrain: () => backPressure.release(segmenter),
    onFailure: (error) => onFailure('segmenter', error),
  });
  return {
    segmenter,
    async end() {
      // What a failed muxer did not deliver is lost; what it delivered is still stored and listed.
      await segmenter.end().catch((error) => log.error('segmenter.end-failed', { error: errorStack(error) }));
      return recorder.flushed();
    },
  };
}

function noticeForcedCuts(sink: FragmentSink, onForcedCut: (durationMs: number) => void): FragmentSink {
  return {
    open() {
      const writer = sink.open();
      return {
        write: (packets) => writer.write(packets),
        abort: () => writer.abort(),
        close(info) {
          if (info.forcedCut) onForcedCut(info.durationMs);
          writer.close(info);
        },
      };
    },
  };
}
