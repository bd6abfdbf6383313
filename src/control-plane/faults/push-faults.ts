/** Faults of a push: at connect, at publish, at its messages, and in its segmenter. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../base/clock.ts';
import { wait } from '../../base/wait.ts';
import type { IngestFaults } from '../../ingest/ingest-faults.ts';
import type { PushNames } from '../../ingest/push-address.ts';
import type { MediaMessage } from '../../media/flv/media-message.ts';
import type { Frame } from '../../media/frame.ts';
import type { Muxer, MuxerEvents } from '../../recording/segmenter/segmenter.ts';
import type { Peer, PublishEnd, PublishSink } from '../../rtmp/publish.ts';
import { ossErrorOf } from './fault-errors.ts';
import type { Faults } from './faults.ts';

export function ingestFaults(faults: Faults, clock: Clock): IngestFaults {
  return {
    connect(names, peer) {
      const fault = faults.find('rtmp.connect', names);
      if (fault?.effect.reset) peer.reset();
      const error = fault && ossErrorOf(fault);
      return error && { code: 'NetConnection.Connect.Rejected', description: `${error.code}: ${error.message}` };
    },

    async publish(names, peer) {
      const fault = faults.find('rtmp.publish', names);
      if (!fault) return;
      await wait(clock, fault.effect.delayMs, fault.removed);
      if (fault.effect.reset) peer.reset();
      const error = ossErrorOf(fault);
      if (error) throw error;
    },

    sink: (inner, names, peer) => new FaultySink(inner, names, peer, faults),

    muxer: (inner, names) => (program, output, events) =>
      new FaultyMuxer(inner(program, output, events), events, names, faults),
  };
}

class FaultySink implements PublishSink {
  readonly #inner: PublishSink;
  readonly #names: PushNames;
  readonly #peer: Peer;
  readonly #faults: Faults;
  /** Messages that were read before the fault took effect still arrive; no rule is applied to them. */
  #isStruck = false;
  /** Of the rule that has frozen the publisher. */
  #frozenUntil: AbortSignal | undefined;
  readonly #thaw = () => {
    this.#isStruck = false;
    this.#peer.thaw();
  };

  constructor(inner: PublishSink, names: PushNames, peer: Peer, faults: Faults) {
    this.#inner = inner;
    this.#names = names;
    this.#peer = peer;
    this.#faults = faults;
  }

  message(message: MediaMessage): void {
    this.#inner.message(message);
    const fault = this.#isStruck ? undefined : this.#faults.find('rtmp.message', this.#names);
    if (!fault) return;
    this.#isStruck = true;
    if (fault.effect.reset) this.#peer.reset();
    if (fault.effect.freezePublisher) {
      this.#peer.freeze();
      // Every publisher that the rule has frozen listens to it until its push ends: Node's warning of a leak would be wrong.
      setMaxListeners(0, fault.removed);
      fault.removed.addEventListener('abort', this.#thaw, { once: true });
      this.#frozenUntil = fault.removed;
    }
  }

  end(reason: PublishEnd): Promise<void> {
    this.#frozenUntil?.removeEventListener('abort', this.#thaw);
    return this.#inner.end(reason);
  }
}

/** A muxer that fails when a rule says so. For the push it is the same as an ffmpeg process that was killed. */
class FaultyMuxer implements Muxer {
  readonly #inner: Muxer;
  readonly #events: MuxerEvents;
  readonly #names: PushNames;
  readonly #faults: Faults;
  #failure: Error | undefined;

  constructor(inner: Muxer, events: MuxerEvents, names: PushNames, faults: Faults) {
    this.#inner = inner;
    this.#events = events;
    this.#names = names;
    this.#faults = faults;
  }

  write(frame: Frame): boolean {
    if (this.#failure) return true;
    if (this.#faults.find('segmenter', this.#names)) return this.#kill();
    return this.#inner.write(frame);
  }

  async end(): Promise<void> {
    if (this.#failure) throw this.#failure;
    await this.#inner.end();
  }

  destroy(): void {
    this.#inner.destroy();
  }

  #kill(): true {
    this.#failure = new Error('the segmenter ended with SIGKILL: a fault rule asked for it');
    this.#inner.destroy();
    this.#events.onFailure(this.#failure);
    return true;
  }
}
