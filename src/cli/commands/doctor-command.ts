import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { createServer, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { nearestThere } from '../../base/private-paths.ts';
import type { Config } from '../../config/config.ts';
import { loadClip } from '../../control-plane/publisher/clip.ts';
import { compareDataFolder } from '../../emulator/compare-data-folder.ts';
import { dataFolderPaths, timeSuffix } from '../../emulator/data-folder.ts';
import { findConfiguredFfmpeg } from '../../emulator/muxers.ts';
import { isDamaged, type Repair, repairDataFolder } from '../../emulator/repair-data-folder.ts';
import { probeSharedMetadata } from '../../emulator/shared-metadata.ts';
import { webRtcAdvice } from '../../emulator/watching-side.ts';
import {
  DataFolderInUse,
  isDataFolderInUse,
  LOCK_FILE,
  lockDataFolder,
} from '../../storage/metadata/data-folder-lock.ts';
import { shownDatabaseUrl } from '../../storage/postgres/shown-database-url.ts';
import { findSqlite } from '../../storage/sqlite/find-sqlite.ts';
import { readConfig } from '../command-line.ts';
import { answer, type Command, type CommandContext, EXIT } from './command.ts';
import { findEmulator } from './find-emulator.ts';

/** The result of one check. `advice` says what to do about it. */
interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly detail: string;
  readonly advice?: string;
}

/** An earlier time than the start of the project means that the clock was never set. */
const PLAUSIBLE_SINCE_MS = Date.UTC(2024, 0, 1);

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Look at ports, packages, data folder, clock and names',
  options: [
    { flag: 'repair', help: 'Make a new database of what can be read of a damaged one, which is kept beside it' },
  ],
  startsEmulator: true,

  async run(context: CommandContext) {
    const { config, file } = readConfig(context);
    if (context.flags.has('repair')) return repair(context, config);
    const sqlite = await checkSqlite();
    const running = await findEmulator(config, config.port);
    const findings = [
      ...(file === undefined ? [] : [{ what: 'configuration', state: 'ok' as const, detail: file }]),
      await checkPort(config, 'port', config.port, async () => running),
      ...(await checkRtmpPort(config)),
      await checkUdpPort(config, running !== undefined),
      sqlite,
      await checkFfmpeg(config),
      await checkWebRtc(config),
      await checkClip(),
      ...(sqlite.state === 'ok'
        ? [await checkDataFolder(config, running !== undefined), ...(await checkStoredFiles(config))]
        : []),
      ...(config.objects === undefined ? [] : [await checkObjects(config.objects)]),
      ...(config.metadata === undefined ? [] : [await checkMetadata(config.metadata)]),
      checkClock(),
      ...(await Promise.all(config.domains.map((domain) => checkName(config, domain)))),
    ];
    answer(context, { findings }, findings.map(render).join('\n'));
    return findings.some(({ state }) => state === 'bad') ? EXIT.failure : EXIT.ok;
  },
};

/** Then looks at the stored files: what is wrong with them no new database mends. */
async function repair(context: CommandContext, config: Config): Promise<number> {
  const repaired = await repairDataFolder(config.dataDir, timeSuffix(systemClock));
  const findings = await checkStoredFiles(config);
  const text = repaired ? describeRepair(repaired) : 'The database is not damaged.';
  answer(context, { repaired: repaired ?? null, findings }, [text, ...findings.map(render)].join('\n'));
  const isLost = repaired?.tables.some(({ isWhole }) => !isWhole) === true;
  return isLost || findings.some(({ state }) => state === 'bad') ? EXIT.failure : EXIT.ok;
}

function describeRepair({ kept, tables, movedFiles, movedTo }: Repair): string {
  return [
    ...tables.map(
      ({ table, rows, isWhole }) => `${table.padEnd(14)} ${rows} rows${isWhole ? '' : ', others are lost'}`,
    ),
    `The damaged database is kept as ${kept}.`,
    ...(tables.some(({ isWhole }) => !isWhole)
      ? [
          'Rows that only a damaged page leads to are lost too: the .recover command of the program sqlite3 may find some.',
        ]
      : []),
    ...(movedFiles > 0 ? [`${movedFiles} files whose rows are lost were moved to ${movedTo}.`] : []),
  ].join('\n');
}

async function checkRtmpPort(config: Config): Promise<readonly Finding[]> {
  const { rtmpPort } = config;
  if (rtmpPort === undefined) return [];
  return [await checkPort(config, 'rtmp-port', rtmpPort, () => findEmulator(config, rtmpPort))];
}

/** @param find the emulator that has it */
async function checkPort(
  config: Config,
  flag: 'port' | 'rtmp-port',
  port: number,
  find: () => Promise<string | undefined>,
): Promise<Finding> {
  const what = `--${flag} ${port}`;
  const refusal = await tryPort(config.host === 'localhost' ? '127.0.0.1' : config.host, port);
  if (refusal === undefined) return { what, state: 'ok', detail: 'free' };
  const emulator = await find();
  const isNeeded = flag === 'port';
  if (emulator !== undefined) {
    return { what, state: 'note', detail: isNeeded ? `${emulator} runs there already` : `in use by ${emulator}` };
  }
  const advice = isNeeded ? `stop what listens there, or choose another --${flag}` : 'the main port speaks RTMP too';
  return { what, state: isNeeded ? 'bad' : 'note', detail: refusal, advice };
}

/** Resolves to the reason why the port cannot be opened; undefined when it can. */
function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) => done(error.message));
    server.listen({ host, port }, () => server.close(() => done(undefined)));
  });
}

/** It is opened for the first viewer. */
async function checkUdpPort({ host, webRtcPort }: Config, isRunning: boolean): Promise<Finding> {
  const what = `--webrtc-port ${webRtcPort}`;
  const refusal = await tryUdpPort(host === 'localhost' ? '127.0.0.1' : host, webRtcPort);
  if (isRunning) {
    const state = refusal === undefined ? 'free' : 'in use';
    return { what, state: 'note', detail: `${state}: the emulator that runs opens it for its first viewer` };
  }
  if (refusal === undefined) return { what, state: 'ok', detail: 'free' };
  return { what, state: 'note', detail: refusal, advice: 'only WebRTC needs it: choose another --webrtc-port' };
}

/** Resolves to the reason why the port cannot be opened; undefined when it can. */
function tryUdpPort(address: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.once('error', (error) => socket.close(() => done(error.message)));
    socket.bind(port, address, () => socket.close(() => done(undefined)));
  });
}

async function checkSqlite(): Promise<Finding> {
  const what = 'SQLite';
  try {
    const { name, sqliteVersion } = await findSqlite();
    return { what, state: 'ok', detail: `${sqliteVersion} of ${name}` };
  } catch (error) {
    return { what, state: 'bad', detail: errorText(error) };
  }
}

async function checkFfmpeg(config: Config): Promise<Finding> {
  const what = 'ffmpeg';
  const binary = await findConfiguredFfmpeg(config, silentLog);
  if (binary.found) return { what, state: 'ok', detail: `${binary.version} at ${binary.path}` };
  const isNeeded = config.segmenter === 'ffmpeg';
  const advice = isNeeded ? 'install it, or name it with --ffmpeg' : 'only snapshots and --segmenter ffmpeg need it';
  return { what, state: isNeeded ? 'bad' : 'note', detail: binary.reason, advice };
}

async function checkWebRtc(config: Config): Promise<Finding> {
  const what = 'WebRTC';
  const [advice] = await webRtcAdvice(config);
  if (advice === undefined) return { what, state: 'ok', detail: 'picture and sound' };
  return { what, state: 'note', detail: 'not complete', advice };
}

/** `publish` pushes it, and so does the page. */
async function checkClip(): Promise<Finding> {
  const what = 'clip';
  try {
    const { durationMs } = await loadClip(undefined);
    return { what, state: 'ok', detail: `${durationMs / 1000} s` };
  } catch (error) {
    return { what, state: 'bad', detail: errorText(error), advice: 'install the package again' };
  }
}

/** Creates nothing: the start creates a missing folder, with its parents. */
async function checkDataFolder({ memory, dataDir }: Config, isRunning: boolean): Promise<Finding> {
  const what = 'data folder';
  if (memory) return { what, state: 'ok', detail: 'none, everything in memory' };
  try {
    const isThere = existsSync(dataDir);
    const found = nearestThere(dataDir);
    if (!(await stat(found)).isDirectory()) throw new UsageError(`${found} is not a folder`);
    await access(found, constants.W_OK);
    if (existsSync(join(dataDir, LOCK_FILE))) await (await lockDataFolder(dataDir)).release();
    return { what, state: 'ok', detail: isThere ? `${dataDir} can be used` : `${dataDir} can be made` };
  } catch (error) {
    if (isRunning && error instanceof DataFolderInUse) {
      return { what, state: 'note', detail: `${dataDir} is in use by an emulator (${error.holder})` };
    }
    const detail = errorText(error);
    return { what, state: 'bad', detail, advice: 'choose another --data-dir, or --memory' };
  }
}

/** Files that no row names only cost room; a row whose file is gone is an object that cannot be read any more. */
async function checkStoredFiles({ memory, dataDir, metadata, objects }: Config): Promise<readonly Finding[]> {
  if (memory || metadata !== undefined || objects !== undefined) return [];
  const what = 'stored objects';
  try {
    if (await isDamaged(dataDir)) {
      const detail = `that of ${dataDir} is damaged`;
      const advice = 'put back a copy of it, or stop the emulator and run: oss-livechannel doctor --repair';
      return [{ what: 'database', state: 'bad', detail, advice }];
    }
    const compared = await compareDataFolder(dataDir);
    if (!compared) return [];
    const { unnamed, gone, changed, unreadable } = compared;
    const advice = 'put the files back from a copy, or delete the objects';
    const faults = [
      { files: gone, detail: 'whose file is gone', advice },
      { files: changed, detail: 'whose file has another size than it had', advice },
      { files: unreadable, detail: 'whose file may not be read', advice: 'give back the rights' },
    ];
    const findings: Finding[] = faults
      .filter(({ files }) => files.count > 0)
      .map(({ files, detail, advice }) => ({
        what,
        state: 'bad',
        detail: `${files.count} ${detail}, such as ${files.first}`,
        advice,
      }));
    if (unnamed.count > 0) {
      const detail = `${unnamed.count} files (${unnamed.sizeBytes} bytes) belong to none`;
      const moved = `the next start moves them to ${dataFolderPaths(dataDir).swept}, and removes them a week later`;
      findings.push({ what, state: 'note', detail, advice: moved });
    }
    return findings.length > 0 ? findings : [{ what, state: 'ok', detail: 'every one has its file' }];
  } catch (error) {
    const advice = (await isDataFolderInUse(dataDir))
      ? 'an emulator that runs on it still has everything: oss-livechannel backup FOLDER'
      : 'choose another --data-dir, or --memory';
    return [{ what, state: 'bad', detail: errorText(error), advice }];
  }
}

/** Writes and reads an object, and deletes it. */
async function checkObjects(address: string): Promise<Finding> {
  const what = 'object store';
  try {
    const { tryRemoteObjects } = await import('../../emulator/remote-objects.ts');
    return { what, state: 'ok', detail: `${await tryRemoteObjects(address, silentLog)} can be written to` };
  } catch (error) {
    return { what, state: 'bad', detail: errorText(error), advice: 'mend that, or choose another --objects' };
  }
}

/** Changes nothing. */
async function checkMetadata(url: string): Promise<Finding> {
  const what = `--metadata ${shownDatabaseUrl(url)}`;
  try {
    return { what, state: 'ok', detail: `PostgreSQL ${await probeSharedMetadata(url, silentLog)}` };
  } catch (error) {
    return { what, state: 'bad', detail: errorText(error), advice: 'mend that, or choose another --metadata' };
  }
}

/** Signed requests are refused when client and emulator are more than 15 minutes apart. */
function checkClock(): Finding {
  const nowMs = systemClock.now();
  const detail = new Date(nowMs).toISOString();
  if (nowMs >= PLAUSIBLE_SINCE_MS) return { what: 'clock', state: 'ok', detail };
  return { what: 'clock', state: 'bad', detail, advice: 'set the clock: signatures expire by it' };
}

/** SDKs that put the bucket into the host name need a name that resolves to this machine. */
async function checkName({ buckets }: Config, domain: string): Promise<Finding> {
  const name = `${buckets[0]?.name ?? 'bucket'}.${domain}`;
  const advice = 'give SDKs path style (ali-oss: sldEnable), or put the name into the hosts file';
  try {
    const { address } = await lookup(name);
    const isHere = /^(127\.|::1$)/.test(address);
    return { what: name, state: isHere ? 'ok' : 'note', detail: `is ${address}`, ...(!isHere && { advice }) };
  } catch {
    return { what: name, state: 'note', detail: 'does not resolve', advice };
  }
}

function render({ what, state, detail, advice }: Finding): string {
  const line = `${state.padEnd(5)} ${what.padEnd(28)} ${detail}`;
  return advice === undefined ? line : `${line}\n${' '.repeat(6)}-> ${advice}`;
}
