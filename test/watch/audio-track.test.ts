import { describe, expect, it } from 'vitest';
import type { OpusEncoderFactory } from '../../src/watch/audio/opus-encoder.ts';
import { AudioTrack } from '../../src/watch/audio-track.ts';

interface Opened {
  readonly config: string;
  readonly frames: string[];
  closed: boolean;
  fail(error: Error): void;
}

/** An encoder that returns each frame as a packet. */
function fakeOpus(): { factory: OpusEncoderFactory; opened: Opened[] } {
  const opened: Opened[] = [];
  const factory: OpusEncoderFactory = (config, onPacket, onFailure) => {
    const encoder: Opened = { config: config.toString('hex'), frames: [], closed: false, fail: onFailure };
    opened.push(encoder);
    return {
      write(frame, dtsMs) {
        encoder.frames.push(frame.toString());
        onPacket({ data: frame, ticks: dtsMs * 48 });
      },
      close() {
        encoder.closed = true;
      },
    };
  };
  return { factory, opened };
}

function newTrack(): { track: AudioTrack; failures: string[]; packets: () => number } {
  const failures: string[] = [];
  let packets = 0;
  const track = new AudioTrack({ onPacket: () => packets++, onFailure: ({ message }) => failures.push(message) });
  return { track, failures, packets: () => packets };
}

describe('the sound of a broadcast', () => {
  it('is not encoded before somebody listens', () => {
    const { track, packets } = newTrack();
    const { factory, opened } = fakeOpus();
    track.configure(Buffer.from([0x12, 0x10]));
    track.write(Buffer.from('one'), 0);
    expect(opened).toEqual([]);
    track.listen(factory);
    track.write(Buffer.from('two'), 20);
    expect(opened.map(({ config, frames }) => ({ config, frames }))).toEqual([{ config: '1210', frames: ['two'] }]);
    expect(packets()).toBe(1);
    expect(track.history.at(0)).toMatchObject({ ticks: 960, marker: true });
  });

  it('gets a new encoder when it changes, and only then', () => {
    const { track } = newTrack();
    const { factory, opened } = fakeOpus();
    track.listen(factory);
    track.write(Buffer.from('before there is a configuration'), 0);
    for (const config of ['1210', '1210', '1190']) {
      track.configure(Buffer.from(config, 'hex'));
      track.write(Buffer.from('x'), 0);
    }
    expect(opened.map(({ config, closed, frames }) => [config, closed, frames.length])).toEqual([
      ['1210', true, 2],
      ['1190', false, 1],
    ]);
    track.close();
    expect(opened.map(({ closed }) => closed)).toEqual([true, true]);
  });

  it('is over when the encoder fails', () => {
    const { track, failures } = newTrack();
    const { factory, opened } = fakeOpus();
    track.listen(factory);
    track.configure(Buffer.from([0x12, 0x10]));
    track.write(Buffer.from('x'), 0);
    opened[0]?.fail(new Error('out of memory'));
    track.write(Buffer.from('y'), 20);
    expect(failures).toEqual(['out of memory']);
    expect(opened).toHaveLength(1);
  });
});
