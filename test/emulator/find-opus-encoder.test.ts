import { expect, it, vi } from 'vitest';
import { findOpusEncoder } from '../../src/emulator/find-opus-encoder.ts';
import { keptLog } from '../support/kept-log.ts';
import { describeWith } from '../support/tools.ts';
import { LIBAV, Listener } from '../watch/audio/encoders.ts';

const notInstalled = () => Promise.reject(new Error("Cannot find package '@libav.js/…'"));
const noFfmpeg = async () => ({ found: false as const, reason: 'there is no ffmpeg on PATH' });

describeWith([LIBAV], 'findOpusEncoder with libav.js', () => {
  it('takes it, and does not look for ffmpeg', async () => {
    const { log, lines } = keptLog();
    const findFfmpeg = vi.fn(noFfmpeg);
    expect(await findOpusEncoder({ log, findFfmpeg })).toBeTypeOf('function');
    expect(findFfmpeg).not.toHaveBeenCalled();
    expect(lines).toEqual([]);
  });
});

it('findOpusEncoder takes ffmpeg where libav.js is not installed', async () => {
  const { log } = keptLog();
  const findFfmpeg = async () => ({ found: true as const, path: '/there/is/no/ffmpeg', version: '7.1' });
  const factory = await findOpusEncoder({ log, findFfmpeg, importPackage: notInstalled });
  if (!factory) throw new Error('no encoder');
  const { failed } = new Listener(factory, Buffer.from('1210', 'hex'));
  expect((await failed).message).toContain('spawn /there/is/no/ffmpeg');
});

it('findOpusEncoder says what to install without either', async () => {
  const { log, lines } = keptLog();
  expect(await findOpusEncoder({ log, findFfmpeg: noFfmpeg, importPackage: notInstalled })).toBeUndefined();
  expect(lines.filter((line) => line.startsWith('warn'))).toEqual([
    'warn  watch.no-sound detail="no libav.js, and there is no ffmpeg on PATH" ' +
      'advice="npm install @libav.js/variant-mediarecorder-transcoder@4"',
  ]);
});

it('findOpusEncoder passes over a package that is something else', async () => {
  const { log, lines } = keptLog();
  const importPackage = async () => ({ default: {} });
  expect(await findOpusEncoder({ log, findFfmpeg: noFfmpeg, importPackage })).toBeUndefined();
  expect(lines[0]).toContain('does not export what it should');
});
