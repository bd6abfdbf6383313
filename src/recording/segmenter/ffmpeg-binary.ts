/** Finds ffmpeg and its version. It is optional: recording in process does not need it. */
import { execFile } from 'node:child_process';

export type FfmpegBinary =
  | { readonly found: true; readonly path: string; readonly version: string }
  /** `reason` is a sentence for the user. */
  | { readonly found: false; readonly reason: string };

export interface FfmpegSearch {
  /** The path of the `--ffmpeg` option. */
  readonly path?: string;
  /** `process.env`, for `FFMPEG_PATH` and `PATH`. */
  readonly environment: NodeJS.ProcessEnv;
  /** Imports a package by name; rejects when it is not installed. */
  readonly importPackage?: (name: string) => Promise<unknown>;
  readonly signal?: AbortSignal;
}

/**
 * Tries the option, then `FFMPEG_PATH`, then the package ffmpeg-static, then `PATH`, and runs the program with
 * `-version`. If the user named a path, only that one is tried: using another would hide the mistake.
 */
export async function findFfmpeg(search: FfmpegSearch): Promise<FfmpegBinary> {
  const named = search.path ?? search.environment.FFMPEG_PATH;
  if (named) return probe(named, search);
  const packaged = await staticPackagePath(search.importPackage ?? ((name) => import(name)));
  const downloaded = packaged === undefined ? undefined : await probe(packaged, search);
  if (downloaded?.found) return downloaded;
  const onPath = await probe('ffmpeg', search);
  if (onPath.found || downloaded === undefined) return onPath;
  return { found: false, reason: `${onPath.reason}, and ${NOT_DOWNLOADED}` };
}

/** npm installs the package and may leave out its script, which downloads the program. npm 10 has no approve-scripts. */
const NOT_DOWNLOADED =
  'ffmpeg-static has none before its script has run (npm rebuild ffmpeg-static --ignore-scripts=false; with npm 12 after ' +
  'npm approve-scripts ffmpeg-static)';

/** The default export of ffmpeg-static is the path of its binary, or null where it has none for the platform. */
async function staticPackagePath(importPackage: (name: string) => Promise<unknown>): Promise<string | undefined> {
  const loaded = await importPackage('ffmpeg-static').catch(() => undefined);
  if (typeof loaded !== 'object' || loaded === null || !('default' in loaded)) return undefined;
  return typeof loaded.default === 'string' ? loaded.default : undefined;
}

function probe(path: string, { environment, signal }: FfmpegSearch): Promise<FfmpegBinary> {
  return new Promise((resolve) => {
    execFile(path, ['-version'], { env: environment, signal }, (error, stdout) => {
      const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
      if (version) resolve({ found: true, path, version });
      else resolve({ found: false, reason: error ? notRunnable(path, error) : `${path} is not ffmpeg` });
    });
  });
}

function notRunnable(path: string, error: Error & { code?: unknown }): string {
  if (error.code === 'ENOENT')
    return path === 'ffmpeg' ? 'there is no ffmpeg on PATH' : `there is no program at ${path}`;
  return `${path} -version failed: ${error.message.trim()}`;
}
