#!/usr/bin/env node
/**
 * Reads its configuration as MediaMTX does, listens, serves the playlists of a stream over HTTP, and has written its fragment.
 * Ends with 1 when something is missing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';

const [path] = process.argv.slice(2);
if (path === '--version') {
  console.log('v1.11.3');
  process.exit(0);
}

const lines = readFileSync(path, 'utf8').split('\n');
const settings = Object.fromEntries(
  lines.flatMap((line) => {
    const [, name, value] = /^(\w+): *"?(.*?)"?$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  }),
);
const expected = {
  rtmp: 'true',
  rtmpEncryption: 'no',
  hls: 'true',
  hlsAlwaysRemux: 'true',
  hlsVariant: 'mpegts',
  hlsSegmentDuration: '5s',
  rtsp: 'false',
  webrtc: 'false',
  srt: 'false',
};
const isRight = Object.entries(expected).every(([name, value]) => settings[name] === value);
// Streams of any name are taken.
if (!isRight || Number(settings.hlsSegmentCount) < 100 || !lines.includes('  all_others:')) process.exit(1);

const folder = `${settings.hlsDirectory}/live/c-0`;
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}/4f2a_main_seg0.ts`, 'media');
const pages = {
  '/live/c-0/index.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2000000\nmain_stream.m3u8\n',
  '/live/c-0/main_stream.m3u8': '#EXTM3U\n#EXTINF:6.00000,\n4f2a_main_seg0.ts?session=1\n',
};
const [host, hlsPort] = settings.hlsAddress.split(':');
createHttpServer(({ url }, response) => {
  response.writeHead(pages[url] ? 200 : 404).end(pages[url]);
}).listen(Number(hlsPort), host, () => {
  const [rtmpHost, rtmpPort] = settings.rtmpAddress.split(':');
  createServer().listen(Number(rtmpPort), rtmpHost);
});
