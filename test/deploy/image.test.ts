/** The last stage of the Dockerfile, laid out in a folder as its instructions say, and what a container does there. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import OSS from 'ali-oss';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driveEverything } from '../package/drive.ts';
import { runToEnd, startEmulatorWith } from '../package/nodes.ts';
import { type Instruction, only, readVariables, stagesOf } from '../support/dockerfile.ts';
import { decodeErrors, describeWith } from '../support/tools.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT_MS = 120_000;
/** Of the user `node` in the image. */
const NODE_UID = 1000;
const OTHER_UID = 12_345;

let image: string;
let entrypoint: readonly string[];
let variables: Readonly<Record<string, string>>;

/** A path within the image, or a text that has some. */
function inImage(text: string): string {
  return text.replaceAll(/(?<![\w.:/])\/(app|data|image)\b/g, `${image}/$1`);
}

/** Runs what the build stage makes the folder with that the last stage copies. */
async function buildStage(stage: readonly Instruction[]): Promise<void> {
  const [, arguments_ = ''] = /&& npx tsx (scripts\/\S+ \S+)$/.exec(stage.at(-1)?.text ?? '') ?? [];
  await run('npm', ['run', '--silent', 'build'], { cwd: ROOT });
  await run('npx', ['tsx', ...inImage(arguments_).split(' ')], { cwd: ROOT });
}

async function lastStage(stage: readonly Instruction[]): Promise<void> {
  const workdir = inImage(only(stage, 'WORKDIR'));
  await mkdir(workdir);
  const copied = /^--from=build (\S+) \.\/$/.exec(only(stage, 'COPY'));
  if (!copied) throw new Error('the last stage copies something else than one folder');
  await run('cp', ['-a', `${inImage(copied[1] ?? '')}/.`, workdir]);
  await rm(inImage(copied[1] ?? ''), { recursive: true });
  const [, makeData = ''] = /&& (mkdir [^&]+)$/.exec(only(stage, 'RUN')) ?? [];
  await run('sh', ['-c', inImage(makeData)]);
  entrypoint = JSON.parse(only(stage, 'ENTRYPOINT')).map(inImage);
  variables = readVariables(inImage(only(stage, 'ENV')));
}

/** As `docker run --user`: with no right of root, no group of it, and no variable but those of the image. */
function asUser(uid: number): readonly string[] {
  const user = ['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups', '--bounding-set=-all'];
  return [...user, ...entrypoint];
}

function place(more: Readonly<Record<string, string>> = {}) {
  return { cwd: image, env: { PATH: process.env.PATH, ...variables, ...more } };
}

const ROOT_RIGHTS = { name: 'the right to become another user', probe: ['setpriv', '--reuid', '1', 'true'] } as const;

describeWith([ROOT_RIGHTS, 'ffmpeg'], 'the image', () => {
  beforeAll(async () => {
    image = await mkdtemp(join(tmpdir(), 'image-'));
    await chmod(image, 0o755);
    const [build = [], last = []] = stagesOf(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
    await buildStage(build);
    await lastStage(last);
    expect(only(last, 'USER')).toBe('node');
  }, TIMEOUT_MS);
  afterAll(() => rm(image, { recursive: true, force: true }));

  it.each([NODE_UID, OTHER_UID])(
    'is driven by user %d on a volume of the image',
    { timeout: TIMEOUT_MS },
    async (uid) => {
      const data = { OSS_LIVECHANNEL_DATA_DIR: `${variables.OSS_LIVECHANNEL_DATA_DIR}/${uid}` };
      const emulator = await startEmulatorWith(asUser(uid), [], place(data));
      await driveEverything(emulator.url, (...args) => runToEnd([...asUser(uid), ...args], place()));
      await demo(emulator.url, uid);
      expect(await emulator.stop()).toBe(0);
      expect(emulator.errors()).toBe('');
    },
  );

  it('has all parts, and whatever doctor looks for', { timeout: TIMEOUT_MS }, async () => {
    const ports = ['--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0', '--host', '127.0.0.1'];
    const doctor = await runToEnd([...asUser(NODE_UID), 'doctor', '--memory', ...ports], place());
    expect(doctor).toMatchObject({ code: 0, err: '' });
    expect(doctor.out).toMatch(/^ok {4}WebRTC +picture and sound$/m);
    for (const [option, needed] of [
      ['--metadata', 'postgres://127.0.0.1:1/none'],
      ['--objects', 's3://none?endpoint=http://127.0.0.1:1'],
      ['--objects', 'oss://none?endpoint=http://127.0.0.1:1'],
    ] as const) {
      const refused = await runToEnd([...asUser(NODE_UID), ...ports, option, needed], place());
      expect(refused.err, needed).not.toContain('npm install');
      expect(refused.code, needed).toBe(2);
    }
  });

  it('says one sentence where it may not write', { timeout: TIMEOUT_MS }, async () => {
    const volume = join(image, 'unwritable');
    await mkdir(volume, { mode: 0o755 });
    for (const dataDir of [volume, join(volume, 'd'), '/proc/x']) {
      const refused = await runToEnd(asUser(OTHER_UID), place({ OSS_LIVECHANNEL_DATA_DIR: dataDir }));
      const sentence = `${dataDir} cannot be used as data folder: .+ Mend that, or choose another --data-dir.\n`;
      expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringMatching(new RegExp(`^${sentence}$`)) });
    }
  });

  it('is healthy when the emulator answers, and only then', { timeout: TIMEOUT_MS }, async () => {
    const [, last = []] = stagesOf(await readFile(join(ROOT, 'Dockerfile'), 'utf8'));
    const [, json = '[]'] = /CMD (\[.+\])$/.exec(only(last, 'HEALTHCHECK')) ?? [];
    const command: readonly string[] = JSON.parse(json);
    const emulator = await startEmulatorWith(asUser(NODE_UID), ['--memory'], place());
    const check = command.map((part) => part.replace('http://127.0.0.1:9000', emulator.url));
    expect(check).not.toEqual(command);
    expect(await runToEnd(check, place())).toMatchObject({ code: 0, err: '' });
    expect(await emulator.stop()).toBe(0);
    expect((await runToEnd(check, place())).code).toBe(1);
  });
});

/** What the README begins with: a channel by an SDK, a push to the address that it signed, and a playlist of the past. */
async function demo(url: string, uid: number): Promise<void> {
  const client = new OSS({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    bucket: 'examplebucket',
    endpoint: url,
    sldEnable: true,
  } as OSS.Options);
  const target = { Type: 'HLS', FragDuration: 2, FragCount: 3, PlaylistName: 'live.m3u8' };
  await client.putChannel('demo', { Description: 'demo', Status: 'enabled', Target: target });
  const startTime = Math.floor(Date.now() / 1000) - 60;
  const to = client.getRtmpUrl('demo', { params: { playlistName: 'live.m3u8' }, expires: 600 });
  expect(
    await runToEnd([...asUser(uid), 'publish', '--to', to, '--url', url, '--speed', 'max'], place()),
  ).toMatchObject({
    code: 0,
  });
  await client.createVod('demo', 'vod.m3u8', { startTime, endTime: startTime + 3600 });
  expect(await decodeErrors(`${url}/examplebucket/demo/vod.m3u8`)).toBe('');
}
