import { describe, expect, it } from 'vitest';
import { at, type Bench, openBench, recordConfig } from '../bench.ts';

const add = (bench: Bench, parameters: Readonly<Record<string, string>> = {}) =>
  bench.call('AddLiveAppRecordConfig', recordConfig(parameters));
const describeAll = async (bench: Bench, parameters: Readonly<Record<string, string>> = {}) =>
  (await bench.call('DescribeLiveRecordConfig', { DomainName: 'example.com', ...parameters })).body;

describe('a record configuration', () => {
  it('is described as it was added, with its defaults', async () => {
    const bench = await openBench();
    expect((await add(bench)).status).toBe(200);
    const body = await describeAll(bench);
    expect(body).toMatchObject({ PageNum: 1, PageSize: 10, TotalNum: 1, TotalPage: 1, Order: 'asc' });
    expect(body.LiveAppRecordList.LiveAppRecord).toEqual([
      {
        DomainName: 'example.com',
        AppName: '*',
        OssBucket: 'examplebucket',
        OssEndpoint: '127.0.0.1:9000',
        CreateTime: at(0),
        OnDemond: 0,
        DelayTime: 180,
        RecordFormatList: {
          RecordFormat: [
            {
              Format: 'm3u8',
              OssObjectPrefix: 'file/{AppName}/{StreamName}/{EscapedStartTime}_{EscapedEndTime}',
              SliceOssObjectPrefix: 'slices/{AppName}/{StreamName}/{UnixTimestamp}_{Sequence}',
              CycleDuration: 21_600,
              SliceDuration: 5,
            },
          ],
        },
        TranscodeRecordFormatList: { RecordFormat: [] },
        TranscodeTemplates: { Templates: [] },
      },
    ]);
  });

  it('is listed by names and in either order', async () => {
    const bench = await openBench();
    for (const AppName of ['a', 'b', 'c']) {
      await add(bench, { AppName, StreamName: 's', StartTime: at(0), EndTime: at(60) });
      bench.clock.advance(1000);
    }
    const names = async (parameters: Readonly<Record<string, string>>) =>
      (await describeAll(bench, parameters)).LiveAppRecordList.LiveAppRecord.map(
        ({ AppName }: { AppName: string }) => AppName,
      );
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ Order: 'desc' })).toEqual(['c', 'b', 'a']);
    expect(await names({ AppName: 'b', StreamName: 's' })).toEqual(['b']);
    expect(await names({ StreamName: 'x' })).toEqual([]);
    expect((await describeAll(bench)).LiveAppRecordList.LiveAppRecord[0]).toMatchObject({
      StreamName: 's',
      StartTime: at(0),
      EndTime: at(60),
    });
  });

  it('is updated in what it may change, and deleted even twice', async () => {
    const bench = await openBench();
    await add(bench);
    const name = { DomainName: 'example.com', AppName: '*' };
    const update = (parameters: Readonly<Record<string, string>>) =>
      bench.call('UpdateLiveAppRecordConfig', { ...name, OssEndpoint: 'elsewhere', ...parameters });
    const changes = { 'RecordFormat.1.Format': 'm3u8', 'RecordFormat.1.SliceDuration': '10', DelayTime: '60' };
    expect((await update({ ...changes, OnDemand: '7' })).status).toBe(200);
    const [updated] = (await describeAll(bench)).LiveAppRecordList.LiveAppRecord;
    expect(updated).toMatchObject({ OssEndpoint: 'elsewhere', OnDemond: 7, DelayTime: 60, CreateTime: at(0) });
    expect(updated.RecordFormatList.RecordFormat).toEqual([
      expect.objectContaining({ Format: 'm3u8', SliceDuration: 10, CycleDuration: 21_600 }),
    ]);
    expect((await update({ 'RecordFormat.1.Format': 'flv' })).body.Code).toBe('InvalidParams');
    expect((await update({ AppName: 'other' })).body.Code).toBe('InvalidParams');
    for (let round = 0; round < 2; round++) {
      expect((await bench.call('DeleteLiveAppRecordConfig', name)).status).toBe(200);
    }
    expect((await describeAll(bench)).TotalNum).toBe(0);
  });

  it.each([
    ['4', 5],
    ['5', 5],
    ['6', 6],
    ['30', 30],
    ['31', 30],
  ])('is listed in pages of 5 to 30: %s', async (PageSize, expected) => {
    const bench = await openBench();
    for (let index = 0; index < 7; index++) await add(bench, { AppName: `app${index}` });
    const body = await describeAll(bench, { PageSize });
    expect(body.PageSize).toBe(expected);
    expect(body.LiveAppRecordList.LiveAppRecord).toHaveLength(Math.min(7, expected));
  });

  it('survives a restart', async () => {
    const bench = await openBench();
    await add(bench);
    await bench.reopen();
    expect((await describeAll(bench)).TotalNum).toBe(1);
  });

  const prefix = 'RecordFormat.1.OssObjectPrefix';
  const slicePrefix = 'RecordFormat.1.SliceOssObjectPrefix';
  it.each([
    [{ OssBucket: 'B' }, 'InvalidOssBucket.Malformed'],
    [{ OssBucket: 'nobodys' }, 'InvalidOssBucket.NotFound'],
    [{ DelayTime: '14' }, 'InvalidParams'],
    [{ DelayTime: '21601' }, 'InvalidParams'],
    [{ OnDemand: 'x' }, 'InvalidParams'],
    [{ OnDemand: '3' }, 'InvalidParams'],
    [{ 'RecordFormat.1.Format': 'avi' }, 'InvalidFormat.Malformed'],
    [{ 'RecordFormat.1.CycleDuration': '0' }, 'InvalidCycleDuration.Malformed'],
    [{ 'RecordFormat.1.CycleDuration': 'x' }, 'InvalidCycleDuration.Malformed'],
    [{ 'RecordFormat.1.SliceDuration': '4' }, 'InvalidParams'],
    [{ 'RecordFormat.1.SliceDuration': '31' }, 'InvalidParams'],
    [{ [prefix]: '' }, 'MissingOssObjectPrefix'],
    [{ [prefix]: '{StartTime}' }, 'InvalidOssObjectPrefix.Malformed'],
    [{ [prefix]: '{StartTime}{EndTime}{Nothing}' }, 'InvalidOssObjectPrefix.Malformed'],
    [{ [prefix]: `{StartTime}{EndTime}${'x'.repeat(240)}` }, 'InvalidOssObjectPrefix.Malformed'],
    [{ [slicePrefix]: '' }, 'InvalidSliceOssObjectPrefix.Malformed'],
    [{ [slicePrefix]: '{UnixTimestamp}' }, 'InvalidSliceOssObjectPrefix.Malformed'],
    [{ StreamName: 's', StartTime: 'x' }, 'InvalidStartTime.Malformed'],
    [{ StreamName: 's', EndTime: 'x' }, 'InvalidEndTime.Malformed'],
    [{ StreamName: 's', StartTime: at(9), EndTime: at(9) }, 'InvalidEndTime.Malformed'],
    [{ StartTime: at(0) }, 'InvalidParams'],
  ])('%j is refused with %s', async (parameters, code) => {
    const bench = await openBench();
    const { status, body } = await add(bench, parameters);
    expect({ status, code: body.Code }).toEqual({ status: 400, code });
    expect((await describeAll(bench)).TotalNum).toBe(0);
  });

  it('needs a format, and exists once', async () => {
    const bench = await openBench();
    const { DomainName = '', AppName = '', OssBucket = '', OssEndpoint = '' } = recordConfig();
    const bare = { DomainName, AppName, OssBucket, OssEndpoint };
    expect((await bench.call('AddLiveAppRecordConfig', bare)).body.Code).toBe('InvalidFormat.Malformed');
    await add(bench);
    expect((await add(bench)).body).toMatchObject({
      Code: 'ConfigAlreadyExists',
      Message: 'Config has already exist.',
    });
  });

  it('tells in the log what it will not do', async () => {
    const bench = await openBench();
    await add(bench, {
      OnDemand: '1',
      'RecordFormat.2.Format': 'mp4',
      'RecordFormat.2.OssObjectPrefix': '{StartTime}{EndTime}',
    });
    expect(bench.logged.join('\n')).toMatch(/record-config\.formats[\s\S]*record-config\.on-demand/);
    const stream = await bench.publish('app', 's1');
    expect(stream.shelf).toBeUndefined();
  });
});

describe('of several configurations', () => {
  it.each([
    ['exact', 'exact/app/s1', 'app', 's1'],
    ['application', 'application', 'app', 's2'],
    ['any', 'any', 'other', 's1'],
  ])('the most specific counts: %s', async (_, folder, app, stream) => {
    const bench = await openBench();
    const slices = (text: string) => ({
      'RecordFormat.1.SliceOssObjectPrefix': `${text}/{UnixTimestamp}_{Sequence}`,
    });
    await add(bench, { AppName: 'app', StreamName: 's1', ...slices('exact/{AppName}/{StreamName}') });
    await add(bench, { AppName: '*', ...slices('any') });
    await add(bench, { AppName: 'app', ...slices('application') });
    await add(bench, { DomainName: 'unrelated.test', AppName: 'x', StreamName: stream, ...slices('unrelated') });
    const { shelf } = await bench.publish(app, stream);
    expect(shelf?.place(bench.clock.now(), 0).key.startsWith(`${folder}/`)).toBe(true);
  });

  it.each([[['examplebucket', 'otherbucket']], [['otherbucket', 'examplebucket']]])(
    'of two that are equally specific the latest counts: %j',
    async (buckets) => {
      const bench = await openBench();
      // The configurations of every domain apply to a stream that is published to an IP address.
      for (const [index, OssBucket] of buckets.entries()) {
        await add(bench, { DomainName: `${index === 0 ? 'b' : 'a'}.test`, AppName: 'app', OssBucket });
        bench.clock.advance(1_000);
      }
      const { shelf } = await bench.publish('app', 's1');
      expect(shelf?.place(bench.clock.now(), 0).bucket).toBe(buckets[1]);
    },
  );

  it('the built-in one counts last, and makes its bucket', async () => {
    const bench = await openBench({ recordBucket: 'recordings' });
    expect(await bench.metadata.getBucket('recordings')).toMatchObject({ acl: 'public-read' });
    const place = (await bench.publish('app', 's1')).shelf?.place(bench.clock.now(), 0);
    expect(place).toMatchObject({ bucket: 'recordings', key: expect.stringMatching(/^record\/app\/s1\/\d+_0\.ts$/) });
    await add(bench);
    expect((await bench.publish('app', 's2')).shelf?.place(bench.clock.now(), 0).bucket).toBe('examplebucket');
  });
});
