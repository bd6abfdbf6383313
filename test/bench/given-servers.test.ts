/** SRS and MediaMTX, which are in no package registry: small programs in their place check the configuration they get. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { IngestServer } from '../../scripts/bench/ingest-server.ts';
import { mediaMtx } from '../../scripts/bench/mediamtx.ts';
import { srs } from '../../scripts/bench/srs.ts';

interface Given {
  readonly name: string;
  readonly adapter: (program: string | undefined) => IngestServer;
  readonly program: string;
  readonly version: string;
  readonly option: string;
  readonly uri: string;
}

const GIVEN: readonly Given[] = [
  { name: 'SRS', adapter: srs, program: 'fake-srs.mjs', version: '6.0.48', option: '--srs', uri: '0.ts' },
  {
    name: 'MediaMTX',
    adapter: mediaMtx,
    program: 'fake-mediamtx.mjs',
    version: '1.11.3',
    option: '--mediamtx',
    uri: '4f2a_main_seg0.ts?session=1',
  },
];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'given-servers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe.each(GIVEN)('$name', ({ name, adapter, program, version, option, uri }) => {
  const path = join(import.meta.dirname, program);

  it('is left out, with the option that is missing or the path at which there is no program', () => {
    expect(adapter(undefined).missing()).toBe(`give ${option} PATH`);
    expect(adapter('/nowhere/at-all').missing()).toBe('there is no /nowhere/at-all');
    expect(adapter(path).missing()).toBeUndefined();
  });

  it('is told by its version', () => {
    expect(adapter(path).versions()).toEqual([`${name} ${version}`]);
  });

  it('gets a configuration for fragments of 5 s on disk, and what it has written is found', async () => {
    const running = await adapter(path).start(await temporaryFolder(), 1);
    try {
      expect(running.publishUrl).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/live\/c-\{n\}$/);
      expect(await running.playlist(0)).toContain(`\n${uri}\n`);
      expect(await running.playlist(1)).toBeUndefined();
      await running.keep?.();
      const { address, storedMs } = await running.fragment(0, uri);
      expect(await readFile(address, 'utf8')).toBe('media');
      expect(storedMs).toBeGreaterThan(0);
    } finally {
      await running.stop();
    }
  });

  it('is not waited for when it ends at once', async () => {
    const folder = await temporaryFolder();
    const broken = join(folder, 'broken');
    await writeFile(broken, '#!/bin/sh\nexit 3\n');
    await chmod(broken, 0o755);
    await expect(adapter(broken).start(folder, 1)).rejects.toThrow(`${broken} ended with 3 before it listened`);
  });
});

it('what MediaMTX deletes when a push ends is kept', async () => {
  const folder = await temporaryFolder();
  const running = await mediaMtx(join(import.meta.dirname, 'fake-mediamtx.mjs')).start(folder, 1);
  await running.keep?.();
  await running.stop();
  await rm(join(folder, 'hls'), { recursive: true });
  expect(await running.playlist(0)).toContain('4f2a_main_seg0.ts');
  const { address } = await running.fragment(0, '4f2a_main_seg0.ts?session=1');
  expect(await readFile(address, 'utf8')).toBe('media');
});
