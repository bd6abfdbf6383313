/** mpv, VLC and GStreamer as Debian packages them, without a window and without a sound card. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Player, Viewer } from './player.ts';

const run = promisify(execFile);

/** As many lines are kept of what a player said, for the message of a failed test. */
const KEPT_LINES = 5;

/** What is counted while a player runs. */
interface Counted {
  pictures: number;
  positionSec: number;
  widthPx: number;
  ended: boolean;
  /** Anything that is wrong, by its own words. */
  complaints: string[];
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Before the URL, which is the last argument. */
  readonly urlPrefix?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Reads one line of its output. */
  readonly read: (line: string, counted: Counted) => void;
  /** Asks it to say how far it is; without it, it says so itself. */
  readonly ask?: string;
  /** It says nothing at the end, but exits without a complaint that matches. */
  readonly exitIsEndUnless?: RegExp;
}

/** A program that begins to play when it is started; it has failed when it exits before the end. */
function programViewer({ command, args, urlPrefix = '', env, read, ask, exitIsEndUnless }: Program): Viewer {
  const counted: Counted = { pictures: 0, positionSec: 0, widthPx: 0, ended: false, complaints: [] };
  let child: ChildProcessWithoutNullStreams | undefined;
  let exit: string | undefined;
  let closed: Promise<unknown> | undefined;
  return {
    async play(url) {
      child = spawn(command, [...args, `${urlPrefix}${url}`], { stdio: 'pipe', env: env ?? process.env });
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', (line) => read(line, counted));
      }
      // It may have ended before it is asked.
      child.stdin.on('error', () => {});
      closed = once(child, 'close').then(([code, signal]) => {
        if (code === 0 && exitIsEndUnless) {
          counted.ended = !counted.complaints.some((line) => exitIsEndUnless.test(line));
        }
        exit = `it exited with ${signal ?? code}: ${counted.complaints.slice(-KEPT_LINES).join(' | ')}`;
      });
      await once(child, 'spawn');
    },
    async seen() {
      if (ask !== undefined) child?.stdin.write(ask);
      const { pictures, positionSec, widthPx, ended } = counted;
      return { pictures, positionSec, widthPx, ended, failure: ended ? undefined : exit };
    },
    async close() {
      child?.kill('SIGKILL');
      await closed;
    },
  };
}

async function versionOf(
  command: string,
  args: readonly string[],
  pattern: RegExp,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { stdout } = await run(command, args, { env });
  const version = pattern.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`${command} says no version: ${stdout}`);
  return version;
}

/** The filter writes a line for every picture that is shown. */
export const MPV: Player = {
  version: () => versionOf('mpv', ['--version'], /^mpv ([\d.]+)/),
  open: async () =>
    programViewer({
      command: 'mpv',
      args: [
        '--no-config',
        '--msg-level=all=warn,cplayer=info,ffmpeg=v',
        '--vo=null',
        '--ao=null',
        '--vf=lavfi=[showinfo]',
      ],
      read(line, counted) {
        const picture = / n: *\d+ pts: *-?\d+ pts_time:(\S+) .* s:(\d+)x\d+ /.exec(line);
        if (picture) {
          counted.pictures++;
          counted.positionSec = Number(picture[1]);
          counted.widthPx = Number(picture[2]);
        } else if (line.includes('Exiting... (End of file)')) counted.ended = true;
        else if (/error|fail/i.test(line)) counted.complaints.push(line);
      },
    }),
};

/** Of one picture in I420, 16 by 9. */
function widthPxOf(bytes: number): number {
  const pixels = bytes / 1.5;
  return Math.round(Math.sqrt((pixels * 16) / 9));
}

/**
 * The sink writes a line for every picture that is shown. The size is taken from it too: the change of the caps is not
 * always said.
 */
export const GSTREAMER: Player = {
  version: () => versionOf('gst-launch-1.0', ['--version'], /GStreamer ([\d.]+)/),
  open: async () =>
    programViewer({
      command: 'gst-launch-1.0',
      args: [
        '-v',
        'playbin',
        'audio-sink=fakesink sync=true',
        'video-sink=fakesink name=pictures sync=true silent=false',
      ],
      urlPrefix: 'uri=',
      read(line, counted) {
        const picture = /pictures: last-message = chain .*\((\d+) bytes.* pts: (\d+):(\d+):([\d.]+)/.exec(line);
        if (picture) {
          counted.pictures++;
          const [bytes, hours, minutes, seconds] = picture.slice(1).map(Number);
          counted.widthPx = widthPxOf(bytes ?? 0);
          counted.positionSec = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
        } else if (line.startsWith('Got EOS from element')) counted.ended = true;
        else if (/^(ERROR|WARNING|Additional debug)/.test(line)) counted.complaints.push(line);
      },
    }),
};

/** Of `nobody` on Debian. */
const NOBODY = '65534';

/** VLC refuses to run as root: then it runs as nobody. It gets a home of its own, which is deleted by `leave`. */
async function vlcCall(args: readonly string[]) {
  const home = await mkdtemp(join(tmpdir(), 'vlc-'));
  await chmod(home, 0o777);
  const isRoot = process.getuid?.() === 0;
  const asNobody = ['--reuid', NOBODY, '--regid', NOBODY, '--clear-groups', 'vlc'];
  return {
    command: isRoot ? 'setpriv' : 'vlc',
    args: isRoot ? [...asNobody, ...args] : args,
    env: { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home, LANG: 'C.UTF-8' },
    leave: () => rm(home, { recursive: true }),
  };
}

/**
 * Its remote control counts the pictures that it has shown, those that were due when the machine was too busy to show them, and
 * knows the size of the latest. At a discontinuity VLC 3.0
 * starts its clock anew and drops what is decoded and not yet due: of seven sessions of 2 s it shows 150 of 350 pictures,
 * also where ffmpeg's own HLS muxer made the fragments.
 */
export const VLC: Player = {
  lostAtDiscontinuitySec: 1.3,
  async version() {
    const { command, args, env, leave } = await vlcCall(['--version']);
    try {
      return await versionOf(command, args, /^VLC version ([\d.]+)/m, env);
    } finally {
      await leave();
    }
  },
  async open() {
    const control = ['--intf', 'oldrc', '--rc-fake-tty', '--no-color', '--ignore-config'];
    const call = await vlcCall([...control, '--vout', 'dummy', '--aout', 'dummy', '--play-and-exit']);
    let displayed = 0;
    const viewer = programViewer({
      command: call.command,
      args: call.args,
      env: call.env,
      ask: 'get_time\nstats\ninfo\n',
      exitIsEndUnless: /can't be opened|VLC is unable/,
      read(line, counted) {
        const shown = /frames displayed : +(\d+)/.exec(line);
        const late = /frames lost +: +(\d+)/.exec(line);
        const size = /Video resolution: (\d+)x/.exec(line);
        const time = /^(?:> )*(\d+)$/.exec(line);
        if (shown) displayed = Number(shown[1]);
        else if (late) counted.pictures = displayed + Number(late[1]);
        else if (size) counted.widthPx = Number(size[1]);
        else if (time) counted.positionSec = Number(time[1]);
        else if (/ error: /.test(line)) counted.complaints.push(line);
      },
    });
    return {
      play: viewer.play,
      seen: viewer.seen,
      async close() {
        await viewer.close();
        await call.leave();
      },
    };
  },
};
