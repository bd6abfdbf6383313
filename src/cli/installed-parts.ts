/** What doctor looks for: the parts of an installation, and the files that options name. */
import { readCredentialsFile } from '../aliyun/credentials.ts';
import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/error-text.ts';
import { silentLog } from '../base/log.ts';
import type { Config } from '../config/config.ts';
import { readTls } from '../config/tls.ts';
import { missingPageFiles } from '../control-plane/admin/console.ts';
import { loadClip } from '../control-plane/publisher/clip.ts';
import { readSeedFile } from '../control-plane/seed/read-file.ts';
import { findConfiguredFfmpeg } from '../emulator/muxers.ts';
import { webRtcAdvice } from '../emulator/watching-side.ts';
import { findSqlite } from '../storage/sqlite/find-sqlite.ts';
import type { Finding } from './finding.ts';

/** Without SQLite, which other checks need. */
export async function checkInstalledParts(config: Config): Promise<readonly Finding[]> {
  return [await checkFfmpeg(config), await checkWebRtc(config), await checkClip(), await checkPage(config)];
}

export async function checkSqlite(): Promise<Finding> {
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

async function checkPage({ noAdmin }: Config): Promise<Finding> {
  const what = 'page';
  if (noAdmin) return { what, state: 'ok', detail: 'none, because of --no-admin' };
  const missing = await missingPageFiles();
  if (missing.length === 0) return { what, state: 'ok', detail: 'complete' };
  const detail = `${missing.length} of its files are missing, such as ${missing[0]}`;
  return { what, state: 'bad', detail, advice: 'install the package again' };
}

/** The start reads each of them, and is refused without. Those that no option names are left out. */
export async function checkGivenFiles(config: Config): Promise<readonly Finding[]> {
  const { credentials, seed, tlsCert, tlsKey } = config;
  const findings: Finding[] = [];
  if (credentials !== undefined)
    findings.push(await checkFile('--credentials', () => readCredentialsFile(credentials)));
  if (seed !== undefined) findings.push(await checkFile('--seed', () => readSeedFile(seed)));
  if (tlsCert !== undefined || tlsKey !== undefined) {
    findings.push(await checkFile('--tls-cert and --tls-key', () => readTls(config, systemClock.now())));
  }
  return findings;
}

async function checkFile(what: string, read: () => unknown): Promise<Finding> {
  try {
    await read();
    return { what, state: 'ok', detail: 'can be read' };
  } catch (error) {
    return { what, state: 'bad', detail: errorText(error) };
  }
}
