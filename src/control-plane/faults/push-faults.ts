/** Faults of a push: at connect, at publish, at its messages, and in its segmenter. */
import type { Clock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { IngestFaults, PushTarget } from '../../ingest/ingest-faults.ts';
import type { MediaMessage } from '../../media/flv/media-message.ts';
import type { Frame } from '../../media/frame.ts';
import type { Muxer, MuxerEvents } from '../../recording/segmenter/segmenter.ts';
import type { Peer, PublishEnd, PublishSink } from '../../rtmp/publish.ts';
import { ossErrorOf } from './fault-errors.ts';
import type { Faults } from './faults.ts';

export function ingestFaults(faults: Faults, clock: Clock): IngestFaults {
  return {
    connect(target, peer) {
      const fault = faults.find('rtmp.connect', target);
      if (fault?.effect.reset) peer.reset();
      const error = fault && ossErrorOf(fault);
      return error && { code: 'NetConnection.Connect.Rejected', description: `${error.code}: ${error.message}` };
    },

    async publish(target, peer) {
      const fault = faults.find('rtmp.publish', target);
      if (!fault) return;
      await wait(clock, fault.effect.delayMs, fault.removed);
      if (fault.effect.reset) peer.reset();
      const error = ossErrorOf(fault);
      if (error) throw error;
    },

    sink: (session, target, peer) => new FaultySink(session, target, peer, faults),

    muxer: (inner, target) => (program, output, events) =>
      new FaultyMuxer(inner(program, output, events), events, target, faults),
  };
}

class FaultySink implements PublishSink {
  readonly #session: PublishSink;
  readonly #target: PushTarget;
  readonly #peer: Peer;
  readonly #faults: Faults;
  #isLive = true;
  /** What was read before it took effect still arrives, and is not struck again. */
  #isStruck = false;

  constructor(session: PublishSink, target: PushTarget, peer: Peer, faults: Faults) {
    this.#session = session;
    this.#target = target;
    this.#peer = peer;
    this.#faults = faults;
  }

  message(message: MediaMessage): void {
    this.#session.message(message);
    const fault = this.#isStruck ? undefined : this.#faults.find('rtmp.message', this.#target);
    if (!fault) return;
    this.#isStruck = true;
    if (fault.effect.reset) this.#peer.reset();
    if (fault.effect.freezePublisher) {
      this.#peer.freeze();
      fault.removed.addEventListener('abort', () => this.#thaw(), { once: true });
    }
  }

  end(reason: PublishEnd): void {
    this.#isLive = false;
    this.#session.end(reason);
  }

  #thaw(): void {
    this.#isStruck = false;
    if (this.#isLive) this.#peer.thaw();
  }
}

/** A muxer that dies when a rule says so, whichever it is: the session cannot tell it from an ffmpeg that was killed. */
class FaultyMuxer implements Muxer {
  readonly #inner: Muxer;
  readonly #events: MuxerEvents;
  readonly #target: PushTarget;
  readonly #faults: Faults;
  #death: Error | undefined;

  constructor(inner: Muxer, events: MuxerEvents, target: PushTarget, faults: Faults) {
    this.#inner = inner;
    this.#events = events;
    this.#target = target;
    this.#faults = faults;
  }

  write(frame: Frame): boolean {
    if (this.#death) return true;
    if (this.#faults.find('segmenter', this.#target)) return this.#die();
    return this.#inner.write(frame);
  }

  async end(): Promise<void> {
    if (this.#death) throw this.#death;
    await this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  #die(): true {
    this.#death = new Error('the segmenter ended with SIGKILL: a fault rule asked for it');
    this.#inner.destroy();
    this.#events.onFailure(this.#death);
    return true;
  }
}
