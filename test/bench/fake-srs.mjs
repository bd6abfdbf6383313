#!/usr/bin/env node
/** Reads its configuration as SRS does, listens, and has written a fragment of every stream. Ends with 1 when something is missing. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

const [option, path] = process.argv.slice(2);
if (option === '-v') {
  console.error('6.0.48');
  process.exit(0);
}
if (option !== '-c') process.exit(1);

/** Blocks by name, and directives with their value. */
function parse(text) {
  const root = {};
  const open = [root];
  for (const [, block, name, value, end] of text.matchAll(/(\w[\w ]*?)\s*\{|(\w+)\s+([^;{}]+);|(\})/g)) {
    const directives = open.at(-1);
    if (block) {
      directives[block] = {};
      open.push(directives[block]);
    } else if (end) open.pop();
    else directives[name] = value.trim();
  }
  return root;
}

const { listen, daemon, max_connections: most, 'vhost __defaultVhost__': vhost } = parse(readFileSync(path, 'utf8'));
const { enabled, hls_path: hls, hls_fragment, hls_window, hls_m3u8_file, hls_ts_file } = vhost.hls;
const [, host, port] = /^(?:([\d.]+):)?(\d+)$/.exec(listen);
const isRight =
  daemon === 'off' && Number(most) >= 1000 && enabled === 'on' && hls_fragment === '5' && Number(hls_window) >= 500;
if (!isRight) process.exit(1);

const name = (pattern) => `${hls}/${pattern.replace('[stream]', 'c-0').replace('[seq]', '0')}`;
mkdirSync(`${hls}/c-0`);
writeFileSync(name(hls_ts_file), 'media');
writeFileSync(name(hls_m3u8_file), '#EXTM3U\n#EXTINF:6.000, no desc\n0.ts\n');
createServer().listen(Number(port), host);
