/** hls.js, video.js and Shaka Player in Debian's Chromium, each in a page of its own, as their makers publish them. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import type { Player, Seen } from './player.ts';

const require = createRequire(import.meta.url);

interface Library {
  readonly package: string;
  /** The file that a page would load. */
  readonly script: string;
  readonly missesLateEnd?: boolean;
  /** Plays `url` in `video`; calls `fail` with what its maker calls fatal. */
  readonly play: string;
}

export const HLS_JS: Library = {
  package: 'hls.js',
  script: 'dist/hls.js',
  play: `
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (_, { fatal, type, details, reason }) => fatal && fail([type, details, reason].join(' ')));
    hls.loadSource(url);
    hls.attachMedia(video);`,
};

/**
 * Where the last load of a playlist only adds EXT-X-ENDLIST and everything is played already, video.js 8.24 stays at the last
 * picture without its event `ended`; also with fragments of ffmpeg from another server.
 */
export const VIDEO_JS: Library = {
  missesLateEnd: true,
  package: 'video.js',
  script: 'dist/video.js',
  play: `
    const player = videojs(video, { autoplay: 'muted' });
    player.on('error', () => fail(player.error().code + ' ' + player.error().message));
    player.src({ src: url, type: 'application/x-mpegURL' });`,
};

export const SHAKA: Library = {
  package: 'shaka-player',
  script: 'dist/shaka-player.compiled.js',
  play: `
    const player = new shaka.Player();
    const say = ({ severity, code, data }) => severity === 2 && fail(code + ' ' + JSON.stringify(data));
    player.addEventListener('error', ({ detail }) => say(detail));
    player.attach(video).then(() => player.load(url)).catch(say);`,
};

/** What every page has: a video, and what it has shown. Errors of the element itself are fatal too. */
const PAGE = `
  const video = document.body.appendChild(document.createElement('video'));
  video.muted = true;
  video.autoplay = true;
  let failure;
  const fail = (text) => { failure ??= String(text); };
  window.onerror = fail;
  window.onunhandledrejection = ({ reason }) => fail(reason);
  window.start = (url) => { PLAY };
  window.seen = () => {
    const shown = document.querySelector('video');
    return {
      pictures: shown.getVideoPlaybackQuality().totalVideoFrames,
      positionSec: shown.currentTime,
      widthPx: shown.videoWidth,
      ended: shown.ended,
      failure: failure ?? shown.error?.message,
    };
  };`;

export function browserPlayer(library: Library, browser: () => Browser): Player {
  const folder = require.resolve(library.package).replace(/(node_modules\/[^/]+)\/.*/, '$1');
  return {
    missesLateEnd: library.missesLateEnd ?? false,
    async version() {
      return JSON.parse(await readFile(`${folder}/package.json`, 'utf8')).version;
    },
    async open(endpoint) {
      // A page of the same origin, so that it needs no CORS. Of itself it runs no scripts.
      const page = await browser().newPage({ bypassCSP: true });
      await page.goto(`${endpoint}/_emulator/health`);
      await page.addScriptTag({ path: `${folder}/${library.script}` });
      // A scope of its own: the page must not get its variables.
      await page.addScriptTag({ content: `{${PAGE.replace('PLAY', () => library.play)}}` });
      return {
        play: (url) => page.evaluate(`start(${JSON.stringify(url)})`),
        seen: async (): Promise<Seen> => {
          const { failure, ...rest } = await page.evaluate<Seen>('seen()');
          return { ...rest, failure: failure ?? undefined };
        },
        close: () => page.close(),
      };
    },
  };
}
