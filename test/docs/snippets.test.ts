/** The code that README and the guides show, as it is pasted into a file. Only the port is another one. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import OSS from 'ali-oss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePrograms } from '../../scripts/support/bundle.ts';
import { type RunningEmulator, startEmulator } from '../../src/index.ts';
import { INSTALL_TIMEOUT_MS, installPython } from '../sdk/programs.ts';
import { receiveHttp } from '../support/http-receiver.ts';
import { describeWith } from '../support/tools.ts';
import { fencesOf, ROOT, readPages } from './pages.ts';

const run = promisify(execFile);

const TIMEOUT_MS = 120_000;
const README = 'README.md';
const PACKAGES = ['ali-oss', '@alicloud/pop-core'];

/** What a guide has said before its first block: there is an emulator with a channel, and a client of it. */
const PROLOGUE = `import OSS from 'ali-oss';
import { startEmulator } from 'oss-livechannel-emulator';
const emulator = await startEmulator({ channels: ['test-channel', 'cam'] });
const client = new OSS(emulator.aliOssOptions);
`;

/** What has to happen beside the block of a section. */
const MEANWHILE: Readonly<Record<string, string>> = {
  'Without sleeping':
    "await emulator.reset(); void emulator.publish({ channel: 'cam', durationSec: 6, speed: 'max' });\n",
};

/** The blocks of one language of a page, all of a section as one program: later ones use the names of earlier ones. */
function programs(path: string, language: string): ReadonlyMap<string, string> {
  const page = readPages().find((candidate) => candidate.path === path);
  const bySection = new Map<string, string>();
  for (const fence of fencesOf(page?.text ?? '')) {
    if (fence.language !== language) continue;
    bySection.set(fence.section, `${bySection.get(fence.section) ?? ''}${fence.text}\n`);
  }
  return bySection;
}

describeWith(['node'], 'the code', () => {
  let emulator: RunningEmulator;
  let folder = '';

  beforeAll(async () => {
    emulator = await startEmulator({ liveRecordBucket: 'examplebucket' });
    folder = await mkdtemp(join(tmpdir(), 'oss-livechannel-pasted-'));
    const packed = join(folder, 'node_modules/oss-livechannel-emulator');
    await mkdir(packed, { recursive: true });
    await bundlePrograms(join(packed, 'dist'));
    for (const path of ['package.json', 'fixtures', 'node_modules'])
      await symlink(join(ROOT, path), join(packed, path));
    for (const name of PACKAGES) {
      await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true });
      await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    }
  }, TIMEOUT_MS);

  afterAll(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });

  async function paste(file: string, code: string): Promise<string> {
    await writeFile(join(folder, file), code.replaceAll(':9000', `:${emulator.port}`));
    const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: TIMEOUT_MS });
    return stdout;
  }

  it.each(['Clients', 'In a test', 'Options'])('of README, section %s, runs', async (section) => {
    const code = programs(README, 'js').get(section) ?? '';
    expect(code).not.toBe('');
    await paste('section.mjs', code);
  });

  it('of README about ApsaraVideo Live clips what is live, and makes the address of a room', async () => {
    // An index file has what was stored in an earlier second.
    const stored = emulator.events.waitFor('live.slice-stored', ({ sequence }) => sequence === 1);
    const push = await emulator.publish({ url: `rtmp://127.0.0.1:${emulator.port}/app/s1`, durationSec: 3_600 });
    await stored;
    const said = await paste('live.mjs', programs(README, 'js').get('ApsaraVideo Live') ?? '');
    const playlist = await fetch(said.trim());
    expect(await playlist.text()).toMatch(/^#EXTM3U[\s\S]*#EXTINF/);
    await push.stop();
  });

  it.each(['vod', 'failures', 'whole-programs', 'rooms', 'ci'])('of docs/guides/%s.md is a program', async (guide) => {
    // The server of the program, which answers the callback of an upload.
    const program = await receiveHttp((response) => response.end('{}'));
    const sections = [...programs(`docs/guides/${guide}.md`, 'js')];
    expect(sections).not.toEqual([]);
    // In braces, where a guide may declare again what the prologue has.
    const body = sections.map(
      ([section, code]) => `${MEANWHILE[section] ?? ''}${code.replaceAll(/^import .*\n/gm, '')}`,
    );
    const code = `${PROLOGUE}{\n${body.join('\n')}\nawait emulator.stop();\n}\nawait emulator.stop();\n`;
    const said = await paste(`${guide}.mjs`, code.replaceAll('http://127.0.0.1:3000', program.url));
    if (guide === 'vod') expect(said).toBe('600\n');
  });
});

describe('a count of fragments, as the guide of VOD advises', () => {
  it.each([0, 1, 500, 999])('is the same when the clock is frozen %s ms behind a second', async (behindMs) => {
    await using emulator = await startEmulator();
    emulator.clock.freeze();
    await emulator.clock.set(Date.UTC(2026, 0, 2, 12) + behindMs);
    const recordings = [{ from: '-24h', to: 'now' }];
    await emulator.seed({ buckets: [{ name: emulator.bucket, channels: [{ name: 'door', recordings }] }] });
    const client = new OSS(emulator.aliOssOptions);
    const endTime = Math.floor(emulator.clock.now() / 1000);
    await client.createVod('door', 'hour.m3u8', { startTime: endTime - 3600, endTime });
    const { content } = await client.get('door/hour.m3u8');
    expect(String(content).match(/#EXTINF:6\.000/g)).toHaveLength(600);
  });
});

describeWith(['python3'], 'the code in Python', () => {
  it('of README runs', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    await using emulator = await startEmulator();
    const { command } = await installPython();
    const code = (programs(README, 'python').get('Clients') ?? '').replaceAll(':9000', `:${emulator.port}`);
    const { stdout } = await run(command, ['-c', `${code}\nprint(url)`]);
    expect(stdout).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/examplebucket\/live\/cam\?/);
  });
});

describeWith(['go'], 'the code in Go', () => {
  it('of README runs, as the body of a function', { timeout: INSTALL_TIMEOUT_MS }, async () => {
    await using emulator = await startEmulator();
    const code = (programs(README, 'go').get('Clients') ?? '').replaceAll(':9000', `:${emulator.port}`);
    // In a folder of the module that has the SDK among its requirements.
    const target = await mkdtemp(join(ROOT, 'test/sdk/go/pasted-'));
    try {
      const imports = 'import (\n"fmt"\n"github.com/aliyun/aliyun-oss-go-sdk/oss"\n)\n';
      await writeFile(
        join(target, 'main.go'),
        `package main\n${imports}func main() {\n${code}fmt.Println(url, err)\n}\n`,
      );
      const { stdout } = await run('go', ['run', '.'], { cwd: target });
      expect(stdout).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/examplebucket\/live\/cam\?\S+ <nil>\n$/);
    } finally {
      await rm(target, { recursive: true });
    }
  });
});
