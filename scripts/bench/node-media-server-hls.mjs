/**
 * node-media-server with HLS as its users add it: ffmpeg reads the stream as FLV on its standard input, because HTTP or
 * RTMP would cost more. Arguments: RTMP port, folder.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [port, folder] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const NodeMediaServer = require('node-media-server');
const Context = require('node-media-server/src/core/context.js');
const logger = require('node-media-server/src/core/logger.js');

const server = new NodeMediaServer({
  bind: '127.0.0.1',
  rtmp: { port: Number(port) },
  store: { path: join(folder, 'store') },
});
logger.level = 'error';

server.on('postPublish', (session) => {
  const target = join(folder, 'hls', session.streamName);
  mkdirSync(target, { recursive: true });
  const output = ['-f', 'hls', '-hls_time', '5', '-hls_list_size', '100', join(target, 'index.m3u8')];
  const args = ['-v', 'error', '-f', 'flv', '-i', 'pipe:0', '-c', 'copy', ...output];
  const ffmpeg = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'ignore'] });
  ffmpeg.stdin.on('error', () => {});
  const sendBuffer = (bytes) => ffmpeg.stdin.write(bytes);
  const subscriber = { id: `hls-${session.id}`, ip: '', protocol: 'flv', streamPath: session.streamPath, sendBuffer };
  Context.broadcasts.get(session.streamPath).postPlay(subscriber);
  session.socket?.once('close', () => ffmpeg.stdin.end());
});
server.run();
