/** Code to paste into a program, with the address and the keys of this emulator. */
import { inGo, inJava, inJavaScript, inPython } from '../../base/string-literals.ts';
import type { ChannelItem, Info } from '../api-client.ts';

export interface Snippet {
  readonly name: string;
  /** The library that the code uses. */
  readonly library: string;
  readonly code: string;
}

export function sdkSnippets(info: Info, channel: ChannelItem, expiresSec: number): readonly Snippet[] {
  const values = { ...info, channel: channel.name, bucket: channel.bucket, playlistName: channel.playlistName };
  return [
    { name: 'Node', library: 'ali-oss', code: nodeCode({ ...values, expiresSec }) },
    { name: 'Python', library: 'oss2', code: pythonCode({ ...values, expiresSec }) },
    { name: 'Go', library: 'aliyun-oss-go-sdk', code: goCode({ ...values, expiresSec }) },
    { name: 'Java', library: 'aliyun-sdk-oss', code: javaCode({ ...values, expiresSec }) },
  ];
}

interface Values {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly bucket: string;
  readonly channel: string;
  readonly playlistName: string;
  readonly expiresSec: number;
}

function nodeCode(values: Values): string {
  const { endpoint, accessKeyId, accessKeySecret, bucket, channel, playlistName, expiresSec } = written(
    values,
    inJavaScript,
  );
  return `const client = new OSS({
  endpoint: ${endpoint}, sldEnable: true, bucket: ${bucket},
  accessKeyId: ${accessKeyId}, accessKeySecret: ${accessKeySecret},
});
const url = client.getRtmpUrl(${channel}, { params: { playlistName: ${playlistName} }, expires: ${expiresSec} });`;
}

function pythonCode(values: Values): string {
  const { endpoint, accessKeyId, accessKeySecret, bucket, channel, playlistName, expiresSec } = written(
    values,
    inPython,
  );
  return `auth = oss2.Auth(${accessKeyId}, ${accessKeySecret})
bucket = oss2.Bucket(auth, ${endpoint}, ${bucket})
url = bucket.sign_rtmp_url(${channel}, ${playlistName}, ${expiresSec})`;
}

function goCode(values: Values): string {
  const { endpoint, accessKeyId, accessKeySecret, bucket, channel, playlistName, expiresSec } = written(values, inGo);
  return `client, err := oss.New(${endpoint}, ${accessKeyId}, ${accessKeySecret})
bucket, err := client.Bucket(${bucket})
url, err := bucket.SignRtmpURL(${channel}, ${playlistName}, ${expiresSec})`;
}

function javaCode(values: Values): string {
  const { endpoint, accessKeyId, accessKeySecret, bucket, channel, playlistName, expiresSec } = written(values, inJava);
  return `OSS oss = new OSSClientBuilder().build(${endpoint}, ${accessKeyId}, ${accessKeySecret});
long expires = System.currentTimeMillis() / 1000 + ${expiresSec};
String url = oss.generateRtmpUri(${bucket}, ${channel}, ${playlistName}, expires);`;
}

/** The values as literals of a language. */
function written(values: Values, literal: (text: string) => string): Record<keyof Values, string> {
  return {
    endpoint: literal(values.endpoint),
    accessKeyId: literal(values.accessKeyId),
    accessKeySecret: literal(values.accessKeySecret),
    bucket: literal(values.bucket),
    channel: literal(values.channel),
    playlistName: literal(values.playlistName),
    expiresSec: String(values.expiresSec),
  };
}
