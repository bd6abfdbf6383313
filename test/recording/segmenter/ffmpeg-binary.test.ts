import { expect, it } from 'vitest';
import { findFfmpeg } from '../../../src/recording/segmenter/ffmpeg-binary.ts';
import { fakeFfmpeg } from './fake-ffmpeg.ts';

const version = (number: string) => `echo "ffmpeg version ${number} Copyright (c) 2000-2024 the FFmpeg developers"`;
const notInstalled = () => Promise.reject(new Error('Cannot find package'));

it('takes the path it is told, before all others', async () => {
  const [told, variable] = [fakeFfmpeg(version('7.1')), fakeFfmpeg(version('6.0'))];
  const environment = { FFMPEG_PATH: variable.path };
  expect(await findFfmpeg({ path: told.path, environment })).toEqual({ found: true, path: told.path, version: '7.1' });
  expect(await findFfmpeg({ environment })).toEqual({ found: true, path: variable.path, version: '6.0' });
});

it('does not look elsewhere when what it was told is wrong', async () => {
  const other = fakeFfmpeg('echo "hello"');
  const broken = fakeFfmpeg('echo "no library" >&2; exit 127');
  const environment = { PATH: fakeFfmpeg(version('5.1')).folder };
  const reasons = await Promise.all(
    ['/nowhere/ffmpeg', other.path, broken.path].map((path) => findFfmpeg({ path, environment })),
  );
  expect(reasons).toEqual([
    { found: false, reason: 'there is no program at /nowhere/ffmpeg' },
    { found: false, reason: `${other.path} is not ffmpeg` },
    { found: false, reason: expect.stringContaining('no library') },
  ]);
});

it('takes the package ffmpeg-static, when it has its binary, before PATH', async () => {
  const [packaged, onPath] = [fakeFfmpeg(version('6.0-static')), fakeFfmpeg(version('5.1'))];
  const environment = { PATH: `${onPath.folder}:/bin:/usr/bin` };
  const find = (importPackage: (name: string) => Promise<unknown>) => findFfmpeg({ environment, importPackage });
  const asked: string[] = [];
  const installed = async (name: string) => {
    asked.push(name);
    return { default: packaged.path };
  };
  expect(await find(installed)).toEqual({ found: true, path: packaged.path, version: '6.0-static' });
  expect(asked).toEqual(['ffmpeg-static']);
  const fromPath = { found: true, path: 'ffmpeg', version: '5.1' };
  expect(await find(async () => ({ default: null }))).toEqual(fromPath);
  expect(await find(async () => ({ default: '/nowhere/ffmpeg' }))).toEqual(fromPath);
  expect(await find(notInstalled)).toEqual(fromPath);
});

it('says so when there is none', async () => {
  const environment = { PATH: '/nowhere' };
  expect(await findFfmpeg({ environment, importPackage: notInstalled })).toEqual({
    found: false,
    reason: 'there is no ffmpeg on PATH',
  });
  expect(await findFfmpeg({ environment, importPackage: async () => ({ default: '/nowhere/ffmpeg' }) })).toEqual({
    found: false,
    reason: expect.stringMatching(
      /^there is no ffmpeg on PATH, and ffmpeg-static has none .+npm rebuild ffmpeg-static --ignore-scripts=false; .+\)$/,
    ),
  });
});
