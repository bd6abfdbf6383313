import type { FragmentInfo, FragmentSink } from '../../../src/recording/segmenter/segmenter.ts';

export interface StoredFragment extends FragmentInfo {
  readonly bytes: Buffer;
}

/** Keeps fragments in memory, and checks the rules of the port: one fragment at a time, whole packets. */
export class MemorySink implements FragmentSink {
  readonly fragments: StoredFragment[] = [];
  readonly writes: Buffer[] = [];
  aborted = 0;
  #isOpen = false;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open() {
    if (this.#isOpen) throw new Error('a fragment is open already');
    this.#isOpen = true;
    const pieces: Buffer[] = [];
    const done = () => {
      if (!this.#isOpen) throw new Error('the fragment is closed already');
      this.#isOpen = false;
    };
    return {
      write: (packets: Buffer) => {
        if (packets.length % 188 !== 0) throw new Error(`${packets.length} bytes are not whole packets`);
        const copy = Buffer.from(packets);
        pieces.push(copy);
        this.writes.push(copy);
      },
      close: (info: FragmentInfo) => {
        done();
        this.fragments.push({ ...info, bytes: Buffer.concat(pieces) });
      },
      abort: () => {
        done();
        this.aborted++;
      },
    };
  }

  get bytes(): Buffer {
    return Buffer.concat(this.fragments.map((fragment) => fragment.bytes));
  }
}
