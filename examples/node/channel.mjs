// The life of a channel with ali-oss. Run it against any emulator:
//   npx oss-livechannel-emulator exec -- node channel.mjs
import OSS from 'ali-oss';

const client = new OSS({
  endpoint: process.env.OSS_ENDPOINT ?? 'http://localhost:9000',
  accessKeyId: process.env.OSS_ACCESS_KEY_ID ?? 'emulator-ak',
  accessKeySecret: process.env.OSS_ACCESS_KEY_SECRET ?? 'emulator-secret',
  bucket: process.env.OSS_BUCKET ?? 'examplebucket',
  sldEnable: true,
});

const target = { Type: 'HLS', FragDuration: 5, FragCount: 3, PlaylistName: 'playlist.m3u8' };
const { playUrls } = await client.putChannel('node-cam', {
  Description: 'from Node',
  Status: 'enabled',
  Target: target,
});
console.log('push to', client.getRtmpUrl('node-cam', { params: { playlistName: 'playlist.m3u8' }, expires: 3600 }));
console.log('play at', playUrls[0]);
const { data } = await client.getChannelStatus('node-cam');
console.log('status ', data.Status);
await client.deleteChannel('node-cam');
