import type { Browser } from 'playwright-core';
import { browserPlayer, HLS_JS, SHAKA, VIDEO_JS } from './browser-players.ts';
import type { PlayerName } from './matrix.ts';
import { GSTREAMER, MPV, VLC } from './native-players.ts';
import type { Player } from './player.ts';

/** @param browser asked when one of those in a browser plays */
export function playersUnderTest(browser: () => Browser): Readonly<Record<PlayerName, Player>> {
  return {
    'hls.js': browserPlayer(HLS_JS, browser),
    'video.js': browserPlayer(VIDEO_JS, browser),
    'Shaka Player': browserPlayer(SHAKA, browser),
    mpv: MPV,
    VLC,
    'GStreamer playbin': GSTREAMER,
  };
}
