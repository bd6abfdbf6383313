/** What the machine does to a running emulator: nothing ends it, each fault is said in one sentence, and it goes on afterwards. */
import { spawnSync } from 'node:child_process';
import { chmod, chown, readdir, rename, rm, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { restartedFolderViolations } from '../../scripts/crash/audit/auditor.ts';
import { pushMedia } from '../../scripts/crash/load/pushing.ts';
import { repairDataFolder } from '../../src/emulator/repair-data-folder.ts';
import { temporaryFolder } from '../e2e/command.ts';
import { describeWith, MOUNT } from '../support/tools.ts';
import { bundledCommand } from './bundled.ts';
import { damageTable } from './damage.ts';
import { put, startVictim, stop, type Victim } from './victim.ts';

const IS_ROOT = process.getuid?.() === 0;
/** The rights of root have no bounds. */
const AS_NOBODY = IS_ROOT ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : [];

const command = bundledCommand();

const start = (folder: string, prefix?: readonly string[]) => startVictim(command.path, folder, prefix);

describeWith([MOUNT], 'a small disk', () => {
  it('that is full refuses writes, WAL included, until something is deleted', async () => {
    const folder = await temporaryFolder();
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]).status).toBe(0);
    onTestFinished(() => void spawnSync('umount', ['-l', folder]));
    const victim = await start(join(folder, 'data'));
    const body = Buffer.alloc(1_000_000, 1);
    const stored: string[] = [];
    for (let n = 0; ; n++) {
      const { status } = await put(victim, `k${n}`, body);
      if (status !== 200) break;
      stored.push(`k${n}`);
    }
    // Rows alone fill what is left for the WAL.
    for (let n = 0; n < 400; n++) if ((await put(victim, `small-${n}`, '')).status !== 200) break;
    await victim.emulator.said(/the disk is full: delete objects or make room/);
    for (const key of stored) expect((await victim.client.ask('HEAD', `/examplebucket/${key}`)).status).toBe(200);
    for (const key of stored.slice(0, 3)) {
      expect((await victim.client.ask('DELETE', `/examplebucket/${key}`)).status).toBe(204);
    }
    expect((await put(victim, 'after', body)).status).toBe(200);
    expect(await stop(victim)).toBe(0);
    expect(restartedFolderViolations(join(folder, 'data'))).toEqual([]);
  }, 60_000);
});

/** A folder that somebody else than root can use, and the emulator on it. */
async function startAsNobody(): Promise<Victim & { readonly folder: string }> {
  const outer = await temporaryFolder();
  await chmod(outer, 0o777);
  await chmod(join(command.path, '..'), 0o755);
  const folder = join(outer, 'data');
  return { folder, ...(await start(folder, AS_NOBODY)) };
}

it('rights that are taken away refuse writes until they are given back', async () => {
  const victim = await startAsNobody();
  const { folder } = victim;
  expect((await put(victim, 'before')).status).toBe(200);
  const folders = [join(folder, 'objects/examplebucket'), join(folder, 'objects/.incoming')];
  for (const path of folders) await chmod(path, 0o500);
  expect((await put(victim, 'during')).status).toBe(500);
  await victim.emulator.said(/the rights do not allow it/);
  expect((await victim.client.ask('GET', '/examplebucket/before')).text).toBe('x');
  for (const path of folders) await chmod(path, 0o700);
  expect((await put(victim, 'after')).status).toBe(200);
  expect(await stop(victim)).toBe(0);
  expect(restartedFolderViolations(folder)).toEqual([]);
}, 60_000);

it('rights that are missing are told from damage, and what they hide is no start', async () => {
  const victim = await startAsNobody();
  const { folder } = victim;
  expect((await put(victim, 'before')).status).toBe(200);
  expect(await stop(victim)).toBe(0);
  const options = ['--port', '0', '--rtmp-port', 'off', '--webrtc-port', '0', '--data-dir', folder];
  const run = (...args: readonly string[]) => {
    const [program = '', ...rest] = [...AS_NOBODY, process.execPath, command.path, ...args, ...options];
    return spawnSync(program, rest, { encoding: 'utf8' });
  };
  const bucket = join(folder, 'objects/examplebucket');
  for (const [path, mode] of [
    [bucket, 0o700],
    [join(bucket, 'before'), 0o600],
  ] as const) {
    await chmod(path, 0);
    expect(run('doctor').stdout).toMatch(/bad +stored objects +1 whose file may not be read/);
    await chmod(path, mode);
  }
  await chmod(bucket, 0);
  if (IS_ROOT) {
    const lock = join(folder, 'emulator.lock');
    await chown(lock, 1, 1);
    expect(run('start').stderr).toMatch(/is of another user: the rights do not allow to use .*emulator\.lock/);
    await chown(lock, 65534, 65534);
  }
  const refused = run('start');
  expect(refused.stderr).toMatch(/cannot be used as data folder: the rights do not allow it/);
  expect(refused.status).toBe(2);
  await chmod(bucket, 0o700);
  await chmod(join(folder, 'metadata.sqlite'), 0);
  const unread = run('doctor').stdout;
  expect(unread).toMatch(/bad +stored objects +.*the rights do not allow it/);
  expect(unread).not.toMatch(/damaged/);
  await chmod(join(folder, 'metadata.sqlite'), 0o600);
  expect(run('doctor').stdout).toContain('every one has its file');
}, 60_000);

it('with few files to open it refuses connections before files run out, and requests and pushes go on', async () => {
  const folder = await temporaryFolder();
  const victim = await start(folder, ['prlimit', '--nofile=128']);
  await victim.client.putChannel('examplebucket', 'cam', 1);
  expect((await put(victim, 'before')).status).toBe(200);
  const gone = new AbortController();
  const pushed = pushMedia(victim.client.pushUrl('examplebucket', 'cam'), 3_600_000, gone.signal).catch(() => {});
  const idle = Array.from({ length: 140 }, () =>
    connect(victim.emulator.port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  await victim.emulator.said(/connections\.refused .*--max-connections/);
  // On the connection that is kept: a new one is refused.
  for (let n = 0; n < 20; n++) expect((await put(victim, 'during')).status).toBe(200);
  for (const socket of idle) socket.destroy();
  const status = async () => (await put(victim, 'after')).status;
  await expect.poll(() => status().catch(() => 0), { timeout: 40_000 }).toBe(200);
  gone.abort();
  await pushed;
  expect(await stop(victim)).toBe(0);
  expect(victim.emulator.output()).not.toMatch(/too many files/);
  expect(restartedFolderViolations(folder)).toEqual([]);
}, 120_000);

it('stopped for seconds and continued, it answers, and the push goes on', async () => {
  const folder = await temporaryFolder();
  const victim = await start(folder);
  await victim.client.putChannel('examplebucket', 'cam', 1);
  const pushed = pushMedia(victim.client.pushUrl('examplebucket', 'cam'), 30_000, new AbortController().signal);
  victim.emulator.signal('SIGSTOP');
  const answered = put(victim, 'during');
  await delay(3_000);
  victim.emulator.signal('SIGCONT');
  expect((await answered).status).toBe(200);
  await pushed;
  const history = () => victim.client.oss('GET', '/examplebucket/cam', { query: { live: '', comp: 'history' } });
  await expect.poll(async () => (await history()).text.match(/<LiveRecord>/g)?.length, { timeout: 40_000 }).toBe(1);
  expect(await stop(victim)).toBe(0);
  expect(restartedFolderViolations(folder)).toEqual([]);
}, 120_000);

it('files and folders that are deleted under its feet cost only themselves', async () => {
  const folder = await temporaryFolder();
  const victim = await start(folder);
  for (const key of ['lost', 'kept', 'again', 'cut']) await put(victim, key, key);
  await rm(join(folder, 'objects/examplebucket/lost'));
  expect((await victim.client.ask('GET', '/examplebucket/lost')).status).toBe(500);
  await victim.emulator.said(/the file was deleted or moved/);
  await truncate(join(folder, 'objects/examplebucket/cut'), 1);
  expect((await victim.client.ask('GET', '/examplebucket/cut')).status).toBe(500);
  await victim.emulator.said(/1 bytes instead of 3 at .* the file was changed/);
  expect((await victim.client.ask('GET', '/examplebucket/kept')).text).toBe('kept');
  expect((await put(victim, 'lost', 'found')).status).toBe(200);

  await rm(join(folder, 'objects'), { recursive: true });
  expect((await victim.client.ask('GET', '/examplebucket/kept')).status).toBe(500);
  expect((await put(victim, 'again', 'new')).status).toBe(200);
  expect((await victim.client.ask('GET', '/examplebucket/again')).text).toBe('new');
  expect((await victim.client.ask('DELETE', '/examplebucket/kept')).status).toBe(204);

  await rename(folder, `${folder}-moved`);
  onTestFinished(() => rm(`${folder}-moved`, { recursive: true, force: true }));
  expect((await put(victim, 'elsewhere')).status).toBe(500);
  await victim.emulator.said(/a folder was deleted or moved/);
  await rename(`${folder}-moved`, folder);
  expect((await put(victim, 'back')).status).toBe(200);
}, 60_000);

it('a database that is deleted while it runs can be saved by a backup', async () => {
  const folder = await temporaryFolder();
  const victim = await start(join(folder, 'data'));
  await put(victim, 'before');
  await rm(join(folder, 'data/metadata.sqlite'));
  await put(victim, 'after');
  await victim.client.control('POST', '/backup', { folder: join(folder, 'saved') });
  await stop(victim);
  expect(restartedFolderViolations(join(folder, 'saved'))).toEqual([]);
  const saved = await start(join(folder, 'saved'));
  for (const key of ['before', 'after']) {
    expect((await saved.client.ask('GET', `/examplebucket/${key}`)).text).toBe('x');
  }
}, 60_000);

it('a damaged database is said in one sentence, and repaired but for what was on the damaged pages', async () => {
  const folder = await temporaryFolder();
  const first = await start(folder);
  for (let n = 0; n < 20; n++) await put(first, `key-${n}`, `text ${n}`);
  await first.client.putChannel('examplebucket', 'cam', 1);
  await stop(first);
  const path = join(folder, 'metadata.sqlite');

  await damageTable(path, 'currentObjects');
  const damaged = await start(folder);
  expect((await damaged.client.ask('GET', '/examplebucket/key-1')).status).toBe(500);
  await damaged.emulator.said(/the database is damaged: .*doctor --repair/);
  await stop(damaged);
  const doctor = (...args: string[]) =>
    spawnSync(process.execPath, [command.path, 'doctor', '--port', '0', '--data-dir', folder, ...args], {
      encoding: 'utf8',
    });
  expect(doctor().stdout).toMatch(/database .*is damaged\n.*doctor --repair/);
  expect(doctor('--repair').stdout).toMatch(/objects +20 rows/);
  const repaired = await start(folder);
  for (let n = 0; n < 20; n++) {
    expect((await repaired.client.ask('GET', `/examplebucket/key-${n}`)).text).toBe(`text ${n}`);
  }
  expect((await repaired.client.ask('GET', '/examplebucket/cam', { query: { live: '' } })).status).toBe(200);
  await stop(repaired);
  expect(restartedFolderViolations(folder)).toEqual([]);

  // The table itself: its rows are lost, their files are not.
  await damageTable(path, 'objects');
  const lost = await repairDataFolder(folder, 'twice');
  expect(lost?.tables).toContainEqual({ table: 'objects', rows: 0, isWhole: false });
  expect(lost?.movedFiles).toBe(20);
  const empty = await start(folder);
  expect((await empty.client.ask('GET', '/examplebucket/cam', { query: { live: '' } })).status).toBe(200);
  expect((await put(empty, 'key-1', 'again')).status).toBe(200);
  await stop(empty);
  expect(await readdir(join(folder, 'objects-without-rows-twice/examplebucket'))).toHaveLength(20);
  expect(await repairDataFolder(folder, 'again')).toBeUndefined();
}, 120_000);
