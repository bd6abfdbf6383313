import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import RPCClient from '@alicloud/pop-core';
import type { Emulator } from '../../src/emulator/emulator.ts';
import { expect, pushClip, say } from './stage.ts';

const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 'demo' };
const FORMAT = {
  Format: 'm3u8',
  SliceDuration: 5,
  OssObjectPrefix: 'file/{AppName}/{StreamName}/{StartTime}_{EndTime}',
  SliceOssObjectPrefix: 'slices/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
};

const run = promisify(execFile);

/**
 * A recording: configured with pop-core, pushed with ffmpeg, clipped during the push, and its manifest checked with
 * ffmpeg.
 */
export async function recording(emulator: Emulator, port: number): Promise<void> {
  const bucket = emulator.config.buckets[0]?.name ?? '';
  const { accessKeyId, accessKeySecret } = emulator.config;
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new RPCClient({ accessKeyId, accessKeySecret, endpoint, apiVersion: '2016-11-01' });
  const call = async (action: string, parameters: object) => Object(await client.request(action, parameters, {}));
  say('emulator', endpoint);

  const place = { OssBucket: bucket, OssEndpoint: `127.0.0.1:${port}` };
  const { DomainName } = STREAM;
  await call('AddLiveAppRecordConfig', { DomainName, AppName: '*', ...place, RecordFormat: [FORMAT] });
  say('config', `every stream of ${DomainName} is recorded into ${bucket}, in slices of ${FORMAT.SliceDuration} s`);

  const firstSlice = emulator.events.waitFor('live.slice-stored');
  const ended = emulator.events.waitFor('live.ended');
  const url = `rtmp://127.0.0.1:${port}/${STREAM.AppName}/${STREAM.StreamName}`;
  const push = pushClip(url);
  say('push', url);
  await Promise.race([firstSlice, push.exited]);
  const online = await call('DescribeLiveStreamsOnlineList', { DomainName });
  const [info] = online.OnlineInfo.LiveStreamOnlineInfo;
  say('online', JSON.stringify(info));
  expect('picture of the online list', [info.Width, info.Height, info.FrameRate], [640, 360, 25]);

  const range = { StartTime: time(-60_000), EndTime: time(60_000) };
  const index = (OssObject: string) =>
    call('CreateLiveStreamRecordIndexFiles', { ...STREAM, ...place, ...range, OssObject });
  const live = (await index('clips/{AppName}/{StreamName}/live.m3u8')).RecordInfo;
  await play('live', live);

  expect('exit code of ffmpeg', await push.exited, 0);
  await ended;
  const whole = (await index('clips/{AppName}/{StreamName}/whole.m3u8')).RecordInfo;
  await play('whole', whole);
  expect('the whole is longer than what was there while it was live', whole.Duration > live.Duration, true);

  const list = await call('DescribeLiveStreamRecordIndexFiles', { ...STREAM, ...range });
  expect('records', list.TotalNum, 2);
  const RecordId = list.RecordIndexInfoList.RecordIndexInfo.map((record: { RecordId: string }) => record.RecordId);
  await call('DeleteLiveStreamRecordIndexFiles', { ...STREAM, RecordId, RemoveFile: 'true' });
  expect('status of a deleted manifest', (await fetch(whole.RecordUrl)).status, 404);
  say('delete', 'both records and their manifests; the slices stay');
}

async function play(step: string, record: { RecordUrl: string; Duration: number }): Promise<void> {
  const text = await (await fetch(record.RecordUrl)).text();
  const seconds = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map((match) => Number(match[1]));
  const sum = seconds.reduce((total, length) => total + length, 0);
  expect(`Duration of ${step}`, record.Duration.toFixed(3), sum.toFixed(3));
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', record.RecordUrl, '-f', 'null', '-']);
  expect(`what ffmpeg says of ${step}`, stderr, '');
  say(
    step,
    `${record.RecordUrl} holds ${seconds.length} slices, ${record.Duration} s; ffmpeg decodes them without a word`,
  );
}

function time(offsetMs: number): string {
  return `${new Date(Date.now() + offsetMs).toISOString().slice(0, 19)}Z`;
}
