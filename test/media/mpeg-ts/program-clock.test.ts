import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TsUnit } from '../../../src/media/frame.ts';
import { clockReferencePacket } from '../../../src/media/mpeg-ts/packets.ts';
import { ProgramClock } from '../../../src/media/mpeg-ts/program-clock.ts';
import { readPackets } from '../../support/analyser/transport-stream.ts';

const WRAP = 2 ** 33;

/** A unit of one packet; a picture has a clock reference that is to be replaced. */
function unit(track: TsUnit['track'], dtsMs: number): TsUnit {
  const packets = clockReferencePacket(0x100, 12_345);
  if (track === 'audio') packets[5] = 0x00;
  return { track, dtsTicks: dtsMs * 90, keyFrame: true, packets };
}

interface Written {
  /** In milliseconds, unwrapped near the unit. */
  readonly references: readonly number[];
  readonly unit: TsUnit;
}

function run(units: readonly TsUnit[], hasAudio = true): Written[] {
  const clock = new ProgramClock();
  return units.map((each) => {
    const packets = Buffer.concat([clock.take(each, hasAudio), each.packets]);
    const near = each.dtsTicks;
    const unwrap = (ticks: number) => ticks + Math.round((near - ticks) / WRAP) * WRAP;
    return {
      references: readPackets(packets)
        .flatMap(({ pcrTicks = [] }) => pcrTicks)
        .map((t) => unwrap(t) / 90),
      unit: each,
    };
  });
}

const references = (written: readonly Written[]) => written.flatMap((each) => each.references);

describe('the clock', () => {
  it('is the decoding time of the pictures where there is no audio', () => {
    expect(
      references(
        run(
          [0, 40, 80].map((ms) => unit('video', ms)),
          false,
        ),
      ),
    ).toEqual([0, 40, 80]);
  });

  it('fills what is between pictures that are far apart', () => {
    expect(
      references(
        run(
          [0, 100, 201, 501].map((ms) => unit('video', ms)),
          false,
        ),
      ),
    ).toEqual([0, 100, 200, 201, 301, 401, 501]);
  });

  it('does not pass the track that is behind', () => {
    const late = [unit('video', 0), unit('video', 40), unit('audio', 10), unit('video', 80), unit('audio', 31)];
    expect(references(run([...late, unit('video', 120)]))).toEqual([0, 0, 10, 31]);
  });

  it('follows the sound when the pictures have stopped, a second behind it, and does not go back when they return', () => {
    const sound = Array.from({ length: 50 }, (_, index) => unit('audio', 100 * index));
    const written = run([unit('video', 0), ...sound, unit('video', 4800), unit('audio', 4900), unit('video', 4901)]);
    const all = references(written);
    expect(all.slice(0, 4)).toEqual([0, 100, 200, 300]);
    expect(references(written.slice(0, 51)).at(-1)).toBe(3800);
    expect(all.slice(-3)).toEqual([4700, 4800, 4900]);
  });

  it('stands still for pictures that return later than that', () => {
    const sound = Array.from({ length: 50 }, (_, index) => unit('audio', 100 * index));
    expect(references(run([unit('video', 0), ...sound, unit('video', 40)])).slice(-2)).toEqual([3800, 3800]);
  });

  it('does not fill a break of the timeline', () => {
    expect(references(run([unit('video', 0), unit('video', 1e9)], false)).length).toBeLessThan(5);
  });
});

/** Steps of a track, in milliseconds; 10 s is the longest pause of a push. */
const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 10_000 })), {
  minLength: 1,
  maxLength: 60,
});

function track(kind: TsUnit['track'], startMs: number, stepsMs: readonly number[]): TsUnit[] {
  let dtsMs = startMs;
  return stepsMs.map((stepMs, index) => {
    dtsMs += index === 0 ? 0 : stepMs;
    return unit(kind, dtsMs);
  });
}

const startMs = fc.constantFrom(
  0,
  -500,
  1,
  Math.floor(WRAP / 90) - 2000,
  Math.floor(WRAP / 90),
  2 ** 32 - 2000,
  86_400_000,
);

it('never goes back and has no step of more than 100 ms, whatever comes', () => {
  const order = fc.infiniteStream(fc.boolean());
  fc.assert(
    fc.property(startMs, steps, steps, order, fc.boolean(), (start, videoSteps, audioSteps, takeVideo, hasAudio) => {
      const video = track('video', start, videoSteps);
      const audio = hasAudio ? track('audio', start, audioSteps) : [];
      const mixed = [...video.splice(0, 1)];
      while (video.length + audio.length > 0) {
        const [next] =
          (takeVideo.next().value && video.length > 0) || audio.length === 0 ? video.splice(0, 1) : audio.splice(0, 1);
        if (next) mixed.push(next);
      }
      const all = references(run(mixed, hasAudio));
      for (const [index, reference] of all.slice(1).entries()) {
        const step = reference - (all[index] ?? 0);
        expect(step >= 0 && step <= 100 + 1e-6, `${step}`).toBe(true);
      }
    }),
  );
});

it('is never above the decoding time of what follows, for tracks that are less than a second apart', () => {
  const skew = fc.integer({ min: -900, max: 900 });
  fc.assert(
    fc.property(startMs, steps, steps, skew, (start, videoSteps, audioSteps, audioLateMs) => {
      const short = (all: readonly number[]) => all.map((stepMs) => Math.min(stepMs, 90));
      const [first, ...video] = track('video', start, short(videoSteps));
      const audio = track('audio', start, short(audioSteps));
      const arrival = ({ track: kind, dtsTicks }: TsUnit) => dtsTicks / 90 + (kind === 'audio' ? audioLateMs : 0);
      const mixed = [...video, ...audio].sort((a, b) => arrival(a) - arrival(b));
      const written = run(first ? [first, ...mixed] : []);
      let lowestDtsTicks = Number.POSITIVE_INFINITY;
      for (const each of written.reverse()) {
        lowestDtsTicks = Math.min(lowestDtsTicks, each.unit.dtsTicks);
        for (const reference of each.references) expect(reference * 90).toBeLessThanOrEqual(lowestDtsTicks);
      }
    }),
  );
});
