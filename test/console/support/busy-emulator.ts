/** An emulator that has something to show on every page, and on that of channels as much as people have. */
import { readFile } from 'node:fs/promises';
import RPCClient from '@alicloud/pop-core';
import { Emulator } from '../../../src/emulator/emulator.ts';
import { RtmpPublisher } from '../../../src/rtmp/client.ts';
import { untilGivenUp } from '../../support/callbacks.ts';
import { putConfiguration, putText } from '../buckets/support.ts';

const SEED = new URL('../../../fixtures/seeds/200-channels.json', import.meta.url);

/** Names of the seed file: a channel with a day of recordings, and one whose name and bucket have 63 bytes. */
export const DAY = '#/channels/examplebucket/door';
export const LONG_NAME = 'c'.repeat(63);
export const LONG = `#/channels/examplebucket/${LONG_NAME}`;

const LONG_PUSH = { durationSec: 3_600 };

export interface BusyEmulator {
  readonly emulator: Emulator;
  readonly endpoint: string;
  /** The id of the event of a push whose URL was signed for another channel. */
  readonly refusedPushId: number;
  /** The id of the event of a request that can be sent again. */
  readonly repeatableId: number;
}

/** An object of a name that is long, with blanks and without a place to break it. */
const LONG_KEY = `${LONG_NAME}/with blanks and ${'k'.repeat(120)}.txt`;
export const LONG_OBJECT = `#/buckets/examplebucket?folder=${LONG_NAME}%2F&object=${encodeURIComponent(LONG_KEY)}`;

const LIFECYCLE = `<LifecycleConfiguration><Rule><ID>${'r'.repeat(120)}</ID><Prefix>${LONG_NAME}/</Prefix><Status>Enabled</Status>
<Expiration><Days>9</Days></Expiration></Rule><Rule><ID>off</ID><Prefix>t/</Prefix><Status>Disabled</Status>
<Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>`;

const VERSIONING = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>';

const CORS = `<CORSConfiguration><CORSRule><AllowedOrigin>https://${LONG_NAME}.example</AllowedOrigin>
<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>`;

const RECORD_CONFIG = {
  DomainName: 'live.example.com',
  AppName: 'app',
  StreamName: LONG_NAME,
  OssBucket: 'examplebucket',
  OssEndpoint: 'oss-cn-hangzhou.aliyuncs.com',
  'RecordFormat.1.Format': 'm3u8',
  'RecordFormat.1.CycleDuration': '3600',
  'RecordFormat.1.SliceDuration': '5',
  'RecordFormat.1.OssObjectPrefix': 'record/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
  'RecordFormat.1.SliceOssObjectPrefix': 'record/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
};

/** The caller stops it. Afterwards there are live pushes of a channel, a stream and a room. */
export async function startBusyEmulator(): Promise<BusyEmulator> {
  const emulator = new Emulator({ memory: true, port: 0, rtmpPort: undefined, webrtcPort: 0, host: '127.0.0.1' });
  const { port } = await emulator.start();
  const endpoint = `http://127.0.0.1:${port}`;
  const { control, events, clock, faults } = emulator;
  await control.seed(JSON.parse(await readFile(SEED, 'utf8')));

  const refused = events.waitFor('publish.refused');
  const { url } = await control.urls.sign({ bucket: 'examplebucket', channel: 'door' });
  await RtmpPublisher.publish(url.replace('/door?', '/off?')).catch(() => undefined);
  const { id: refusedPushId } = await refused;

  faults.add({ match: { operation: 'GetBucketInfo' }, effect: { code: 'InternalError' }, count: 1 });
  faults.add({ match: { bucket: 'examplebucket', channel: LONG_NAME }, effect: { delayMs: 1 }, probability: 0.5 });
  await fetch(`${endpoint}/examplebucket?bucketInfo`);

  await putText(endpoint, 'examplebucket', LONG_KEY, 'text');
  await putConfiguration(endpoint, 'examplebucket', 'lifecycle', LIFECYCLE);
  await putConfiguration(endpoint, 'examplebucket', 'versioning', VERSIONING);
  const answered = events.waitFor('request.answered', ({ operation }) => operation === 'PutBucketCors');
  await putConfiguration(endpoint, 'examplebucket', 'cors', CORS);
  const { id: repeatableId } = await answered;

  // The emulator itself refuses what is posted there.
  const callbackUrl = `${endpoint}/examplebucket/nobody-takes-this`;
  const live = new RPCClient({
    accessKeyId: 'emulator-ak',
    accessKeySecret: 'emulator-secret',
    endpoint,
    apiVersion: '2016-11-01',
  });
  await live.request('AddLiveAppRecordConfig', RECORD_CONFIG);
  await live.request('CreateEventSub', { AppId: 'app', CallbackUrl: callbackUrl, 'Events.1': 'UserEvent' });
  clock.freeze();
  for (const userId of ['alice', 'bob']) {
    const { rtmpAddress } = control.live.roomAddress({ appId: 'app', channelId: 'lesson', userId });
    await control.publishes.start({ url: rtmpAddress, ...LONG_PUSH });
  }
  await untilGivenUp('Join', emulator);
  clock.resume();
  await control.publishes.start({ url: `rtmp://127.0.0.1:${port}/app/s1`, ...LONG_PUSH });
  await control.publishes.start({ bucket: 'examplebucket', channel: 'door', ...LONG_PUSH });
  return { emulator, endpoint, refusedPushId, repeatableId };
}
