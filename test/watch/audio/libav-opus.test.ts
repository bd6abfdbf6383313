import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { libavOpusEncoder, loadLibav } from '../../../src/watch/audio/libav-opus.ts';
import type { Libav } from '../../../src/watch/audio/libav-transcoder.ts';
import { keptLog } from '../../support/kept-log.ts';
import { describeWith } from '../../support/tools.ts';
import { LIBAV, Listener } from './encoders.ts';
import { clipSound } from './sounds.ts';

const sound = clipSound('aac-only.flv');
const load = () => loadLibav((name) => import(name));

/** Opens an encoder, encodes a second of audio and closes it. */
async function once(libav: Libav): Promise<void> {
  const listener = new Listener(libavOpusEncoder(libav, keptLog().log), sound.config);
  for (const { data, dtsMs } of sound.frames.slice(0, 43)) listener.encoder.write(data, dtsMs);
  await listener.reaches(45);
  listener.encoder.close();
}

/** The memory of WebAssembly never shrinks. */
function memoryBytes(libav: Libav): number {
  return Reflect.get(libav, 'HEAPU8').length;
}

/** The address of a new allocation. It increases each time when earlier ones were not freed. */
function nextAddress(libav: Libav): number {
  const address = libav.malloc_sync(1024 * 1024);
  libav.free_sync(address);
  return address;
}

describeWith([LIBAV], 'Opus by libav', () => {
  it('gives back all memory when it is closed', async () => {
    const libav = await load();
    for (let cycle = 0; cycle < 5; cycle++) await once(libav);
    const before = { memory: memoryBytes(libav), address: nextAddress(libav) };
    for (let cycle = 0; cycle < 30; cycle++) await once(libav);
    expect({ memory: memoryBytes(libav), address: nextAddress(libav) }).toEqual(before);
  });

  it('tells when libav does not take the stream, not before the caller has the encoder', async () => {
    const { log } = keptLog();
    const listener = new Listener(libavOpusEncoder(await load(), log), Buffer.from('0000', 'hex'));
    expect(() => listener.encoder.write(Buffer.alloc(10), 0)).not.toThrow();
    expect((await listener.failed).message).toMatch(/^the AAC decoder does not take this stream: /);
    expect(() => listener.encoder.write(Buffer.alloc(10), 0)).not.toThrow();
  });

  it('leaves out what comes while ten seconds wait, and says so once', async () => {
    const { log, lines } = keptLog();
    const listener = new Listener(libavOpusEncoder(await load(), log), sound.config);
    onTestFinished(() => listener.encoder.close());
    for (let index = 0; index < 600; index++) {
      const frame = sound.frames[index % sound.frames.length];
      if (frame) listener.encoder.write(frame.data, index * 23.22);
    }
    await listener.reaches(540);
    expect(lines).toEqual(['warn  sound.behind detail="sound arrives faster than it can be encoded"']);
    expect(listener.packets.length).toBeLessThan(550);
  });

  it('says at the end how much could not be read', async () => {
    const { log, lines } = keptLog();
    const listener = new Listener(libavOpusEncoder(await load(), log), sound.config);
    for (let index = 0; index < 3; index++) listener.encoder.write(Buffer.alloc(50, 0xff), index * 23);
    for (const { data, dtsMs } of sound.frames.slice(0, 10)) listener.encoder.write(data, dtsMs + 69);
    await listener.reaches(5);
    listener.encoder.close();
    expect(lines).toEqual([
      'warn  sound.unreadable detail="an AAC frame cannot be decoded"',
      'info  sound.unreadable frames=3',
    ]);
  });

  it('keeps no process alive', async () => {
    const script = `
      const { libavOpusEncoder, loadLibav } = await import('./src/watch/audio/libav-opus.ts');
      const { silentLog } = await import('./src/base/log.ts');
      const factory = libavOpusEncoder(await loadLibav((name) => import(name)), silentLog);
      const encoder = factory(Buffer.from('1210', 'hex'), () => {}, () => {});
      encoder.write(Buffer.alloc(20), 0);
      console.log('written');`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    expect(stdout).toBe('written\n');
  });
});
