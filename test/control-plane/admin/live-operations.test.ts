import { describe, expect, it } from 'vitest';
import { startEmulator } from '../../../src/index.ts';
import { controlOf } from '../../support/control.ts';

const CONFIG = {
  DomainName: 'live.example.com',
  AppName: 'app',
  OssBucket: 'examplebucket',
  OssEndpoint: 'oss-cn-hangzhou.aliyuncs.com',
  'RecordFormat.1.Format': 'm3u8',
  'RecordFormat.1.CycleDuration': 3600,
  'RecordFormat.1.SliceDuration': 5,
  'RecordFormat.1.OssObjectPrefix': 'record/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
  'RecordFormat.1.SliceOssObjectPrefix': 'record/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
};
const ADD = '/rpc/AddLiveAppRecordConfig';

describe('operations of ApsaraVideo Live over the control API', () => {
  it('configure what is recorded, and take it away again', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    expect(await control('runOperation', ADD, CONFIG)).toEqual({ status: 200, body: {} });
    expect((await control('recordConfigs', '/live/record-configs')).body.configs).toMatchObject([
      {
        domain: 'live.example.com',
        app: 'app',
        stream: '*',
        bucket: 'examplebucket',
        onDemand: 0,
        delayTimeSec: 180,
        startMs: null,
        formats: [{ format: 'm3u8', cycleDurationSec: 3600, sliceDurationSec: 5 }],
      },
    ]);
    expect(await control('runOperation', ADD, CONFIG)).toMatchObject({
      status: 400,
      body: { code: 'ConfigAlreadyExists' },
    });
    const { DomainName, AppName } = CONFIG;
    await control('runOperation', '/rpc/DeleteLiveAppRecordConfig', { DomainName, AppName });
    expect((await control('recordConfigs', '/live/record-configs')).body.configs).toEqual([]);
  });

  it.each([
    ['OssBucket', { OssBucket: 'none' }, 'InvalidOssBucket.NotFound', 'there is no bucket none'],
    ['OssEndpoint', { OssEndpoint: '' }, 'MissingOssEndpoint', 'requires DomainName'],
    ['DelayTime', { DelayTime: 1 }, 'InvalidParams', 'DelayTime must be 15 to 21600 seconds'],
    ['SliceDuration', { 'RecordFormat.1.SliceDuration': 60 }, 'InvalidParams', 'SliceDuration must be 5 to 30 seconds'],
    [
      'OssObjectPrefix',
      { 'RecordFormat.1.OssObjectPrefix': 'record/{AppName}' },
      'InvalidOssObjectPrefix.Malformed',
      'it needs {StartTime} or {EscapedStartTime}',
    ],
    [
      'EndTime',
      { StreamName: 's', StartTime: '2030-01-01T00:00:00Z', EndTime: '2029-01-01T00:00:00Z' },
      'InvalidEndTime.Malformed',
      'EndTime is not after StartTime',
    ],
  ])('say what is wrong with %s', async (argument, change, code, reason) => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    const { status, body } = await control('runOperation', ADD, { ...CONFIG, ...change });
    expect({ status, ...body }).toEqual({ status: 400, code, argument, error: expect.stringContaining(reason) });
  });

  it('make an index file of a range', async () => {
    await using emulator = await startEmulator({ liveRecordBucket: 'recordings' });
    const control = controlOf(emulator);
    await emulator.clock.set(Date.UTC(2030, 0));
    emulator.clock.freeze();
    await control('publish', '/publish', { url: `rtmp://127.0.0.1:${emulator.port}/app/s1`, durationSec: 3_600 });
    await emulator.clock.advance(21_000);
    const made = await control('runOperation', '/rpc/CreateLiveStreamRecordIndexFiles', {
      DomainName: 'any.example',
      AppName: 'app',
      StreamName: 's1',
      OssEndpoint: '127.0.0.1',
      OssBucket: 'recordings',
      OssObject: 'made/{StreamName}.m3u8',
      StartTime: '2030-01-01T00:00:00Z',
      EndTime: '2030-01-01T00:00:20Z',
    });
    expect(made).toMatchObject({ status: 200, body: { RecordInfo: { OssObject: 'made/s1.m3u8' } } });
    const { body } = await control('recordings', '/live/recordings?app=app&stream=s1');
    expect(body.indexFiles).toMatchObject([{ bucket: 'recordings', key: 'made/s1.m3u8' }]);
    expect(await (await fetch(body.indexFiles[0].url)).text()).toContain('#EXT-X-ENDLIST');
  });

  it('that are misspelt, or are given what is no parameter, are refused', async () => {
    await using emulator = await startEmulator();
    const control = controlOf(emulator);
    expect(await control('runOperation', '/rpc/AddLiveAppRecordConfg', {})).toEqual({
      status: 404,
      body: {
        error: 'ApsaraVideo Live: unknown operation "AddLiveAppRecordConfg" (did you mean "AddLiveAppRecordConfig"?).',
      },
    });
    expect((await control('runOperation', ADD, { DomainName: [] })).body.error).toContain('DomainName must be a text');
    expect(await control('runOperation', ADD, [])).toEqual({
      status: 400,
      body: { error: 'The request: must be an object, not a list.' },
    });
  });
});
