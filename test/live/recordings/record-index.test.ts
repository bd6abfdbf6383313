import { describe, expect, it } from 'vitest';
import { at, type Bench, NOON_MS, openBench, recordConfig } from '../bench.ts';

const STREAM = { DomainName: 'example.com', AppName: 'app', StreamName: 's1' };
const DAY_SEC = 86_400;

function indexRequest(parameters: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return {
    DomainName: 'example.com',
    AppName: 'app',
    StreamName: 's1',
    OssEndpoint: '127.0.0.1:9000',
    OssBucket: 'examplebucket',
    OssObject: 'index/{AppName}/{StreamName}.m3u8',
    StartTime: at(0),
    EndTime: at(60),
    ...parameters,
  };
}

/** `app/s1` recorded from noon on: slices of 5 s that begin at 0, 5, 10 ... and are stored at 5, 10, 15 ... */
async function openWithSlices(count = 12, options = {}): Promise<Bench> {
  const bench = await openBench(options);
  await bench.call('AddLiveAppRecordConfig', recordConfig());
  const stream = await bench.publish('app', 's1');
  await stream.slices(count);
  return bench;
}

const create = (bench: Bench, parameters: Readonly<Record<string, string>> = {}) =>
  bench.call('CreateLiveStreamRecordIndexFiles', indexRequest(parameters));

function entries(manifest: string): readonly string[] {
  return manifest.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the manifest', () => {
  it('lists the slices stored after the start and before the end, while the stream is live', async () => {
    const bench = await openWithSlices();
    const { status, body } = await create(bench, { StartTime: at(10), EndTime: at(25) });
    expect(status).toBe(200);
    expect(await bench.text('examplebucket', 'index/app/s1.m3u8')).toBe(
      [
        '#EXTM3U',
        '#EXT-X-VERSION:3',
        '#EXT-X-MEDIA-SEQUENCE:0',
        '#EXT-X-TARGETDURATION:5',
        // Stored at 15 and 20. The ends of the range, 10 and 25, are not in it.
        '#EXTINF:5.000,',
        `../../slices/app/s1/${NOON_MS / 1000 + 10}_2.ts`,
        '#EXTINF:5.000,',
        `../../slices/app/s1/${NOON_MS / 1000 + 15}_3.ts`,
        '#EXT-X-ENDLIST',
        '',
      ].join('\n'),
    );
    expect(body.RecordInfo).toEqual({
      RecordId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      RecordUrl: 'http://127.0.0.1:9000/examplebucket/index/app/s1.m3u8',
      DomainName: 'example.com',
      AppName: 'app',
      StreamName: 's1',
      OssEndpoint: '127.0.0.1:9000',
      OssBucket: 'examplebucket',
      OssObject: 'index/app/s1.m3u8',
      StartTime: at(10),
      EndTime: at(25),
      CreateTime: at(60),
      Duration: 10,
      Width: 640,
      Height: 360,
    });
  });

  it('ends with the slice that covers the end, if that is wanted and stored', async () => {
    const bench = await openWithSlices();
    const range = { StartTime: at(10), EndTime: at(24) };
    expect((await create(bench, range)).body.RecordInfo.Duration).toBe(10);
    expect((await create(bench, { ...range, EndTimeIncluded: 'True' })).body.RecordInfo.Duration).toBe(15);
    // The slice that covers 62 is not finished.
    const open = { StartTime: at(50), EndTime: at(62) };
    expect((await create(bench, open)).body.RecordInfo.Duration).toBe(10);
    expect((await create(bench, { ...open, EndTimeIncluded: 'true' })).body.RecordInfo.Duration).toBe(10);
    // Every slice that began before 60 is listed.
    const all = { StartTime: at(50), EndTime: at(61), EndTimeIncluded: 'true' };
    expect((await create(bench, all)).body.RecordInfo.Duration).toBe(10);
  });

  it('covers the end in the next push, too', async () => {
    const bench = await openWithSlices(4);
    await bench.publishing.get('live:*/app/s1')?.end();
    const second = await bench.publish('app', 's1');
    await second.slices(2);
    const duration = async (from: number, to: number) => {
      const range = { StartTime: at(from), EndTime: at(to), EndTimeIncluded: 'true' };
      return (await create(bench, range)).body.RecordInfo.Duration;
    };
    expect(await duration(0, 22)).toBe(25);
    // Within one slice, of which the end is stored later.
    expect(await duration(20, 25)).toBe(5);
    await create(bench, { EndTime: at(40) });
    const manifest = await bench.text('examplebucket', 'index/app/s1.m3u8');
    expect(manifest.match(/#EXT-X-DISCONTINUITY/g)).toHaveLength(1);
    expect(entries(manifest)).toHaveLength(6);
  });

  it('names slices in another bucket by their address', async () => {
    const bench = await openWithSlices();
    const { body } = await create(bench, { OssBucket: 'otherbucket' });
    expect(body.RecordInfo.RecordUrl).toBe('http://127.0.0.1:9000/otherbucket/index/app/s1.m3u8');
    const [first] = entries(await bench.text('otherbucket', 'index/app/s1.m3u8'));
    expect(first).toBe(`http://127.0.0.1:9000/examplebucket/slices/app/s1/${NOON_MS / 1000}_0.ts`);
  });

  it('is named by its template', async () => {
    const bench = await openWithSlices();
    const object =
      '{AppName}-{StreamName}/{Date}/{Hour}/{Minute}_{Second}/{UnixTimestamp}/{StartTime}-{EscapedEndTime}';
    const { body } = await create(bench, { OssObject: object, StartTime: at(5) });
    expect(body.RecordInfo.OssObject).toBe(
      `app-s1/2026-03-01/12/00_05/${NOON_MS / 1000 + 5}/2026-03-01-12:00:05-2026-03-01-12-01-00`,
    );
    expect(bench.logged.join('\n')).toContain('record-index.name');
  });

  it('is named in the time zone that was asked for', async () => {
    const bench = await openWithSlices(12, { utcOffsetMs: 8 * 3_600_000 });
    const { body } = await create(bench, { OssObject: '{Date}/{Hour}.m3u8' });
    expect(body.RecordInfo.OssObject).toBe('2026-03-01/20.m3u8');
  });

  it('still lists a slice whose object was deleted, and says so in the log', async () => {
    const bench = await openWithSlices();
    await bench.objects.delete('examplebucket', `slices/app/s1/${NOON_MS / 1000}_0.ts`);
    const { body } = await create(bench);
    expect(body.RecordInfo.Duration).toBe(55);
    expect(bench.logged.join('\n')).toMatch(/record-index\.gone slices=11 gone=1/);
  });

  it('takes * for the only stream that was recorded', async () => {
    const bench = await openWithSlices();
    const { body } = await create(bench, { AppName: '*', StreamName: '*' });
    expect(body.RecordInfo).toMatchObject({ AppName: 'app', StreamName: 's1', OssObject: 'index/app/s1.m3u8' });
  });

  it('holds only what was recorded, even of a stream with a comma in its name', async () => {
    const bench = await openBench();
    await bench.call('AddLiveAppRecordConfig', recordConfig());
    await (await bench.publish('my app', 's:1,é')).slices(2);
    await create(bench, { AppName: 'my app', StreamName: 's:1,é' });
    const manifest = await bench.text('examplebucket', 'index/my app/s:1,é.m3u8');
    expect(entries(manifest)[0]).toBe(`../../slices/my%20app/s%3A1%2C%C3%A9/${NOON_MS / 1000}_0.ts`);
  });
});

describe('a refusal', () => {
  const names = [
    'DomainName',
    'AppName',
    'StreamName',
    'OssEndpoint',
    'OssBucket',
    'OssObject',
    'StartTime',
    'EndTime',
  ];
  it.each(names)('1: misses %s', async (name) => {
    const bench = await openBench();
    expect(await create(bench, { [name]: '' })).toMatchObject({ status: 400, body: { Code: `Missing${name}` } });
  });

  it.each([
    ['2: a boolean that is none', { EndTimeIncluded: 'maybe' }, 400, 'InvalidParams', 'invalid params'],
    ['2: a slash in a name', { AppName: 'a/b' }, 400, 'InvalidParams', 'invalid params'],
    ['2: a control character', { StreamName: 's\u0007' }, 400, 'InvalidParams', 'invalid params'],
    [
      '3: a start that is no time',
      { StartTime: '2026-02-30T00:00:00Z' },
      400,
      'InvalidStartTime.Malformed',
      'Specified StartTime is malformed.',
    ],
    [
      '4: an end that is no time',
      { EndTime: 'soon' },
      400,
      'InvalidEndTime.Malformed',
      'Specified EndTime is malformed.',
    ],
    [
      '5: a start in the future',
      { StartTime: at(61), EndTime: at(120) },
      400,
      'InvalidStartTime.Mismatch',
      'Specified StartTime does not math the current time.',
    ],
    [
      '5: a start more than 90 days ago',
      { StartTime: at(59 - 90 * DAY_SEC), EndTime: at(120 - 90 * DAY_SEC) },
      400,
      'InvalidStartTime.Mismatch',
      'Specified StartTime does not math the current time.',
    ],
    [
      '6: an end that is not after the start',
      { EndTime: at(0) },
      400,
      'InvalidEndTime.Mismatch',
      'Specified end time does not math the specified start time.',
    ],
    [
      '6: more than four days',
      { StartTime: at(-4 * DAY_SEC), EndTime: at(1) },
      400,
      'InvalidEndTime.Mismatch',
      undefined,
    ],
    ['6: less than a slice', { EndTime: at(4) }, 400, 'InvalidEndTime.Mismatch', undefined],
    [
      '7: an endpoint with a scheme',
      { OssEndpoint: 'http://oss.example.com' },
      400,
      'InvalidOssEndpoint.Malformed',
      'Specified OssEndpoint is malformed.',
    ],
    [
      '8: a bucket name with capitals',
      { OssBucket: 'Bucket' },
      400,
      'InvalidOssBucket.Malformed',
      'Specified OssBucket is malformed.',
    ],
    [
      '9: an unknown variable',
      { OssObject: '{App}.m3u8' },
      400,
      'InvalidOssObject.Malformed',
      'Specified OssObject is malformed.',
    ],
    ['9: a brace alone', { OssObject: 'a}b.m3u8' }, 400, 'InvalidOssObject.Malformed', undefined],
    ['9: a leading slash', { OssObject: '/a.m3u8' }, 400, 'InvalidOssObject.Malformed', undefined],
    ['9: a leading backslash', { OssObject: '\\a.m3u8' }, 400, 'InvalidOssObject.Malformed', undefined],
    ['9: 1024 bytes', { OssObject: 'a'.repeat(1024) }, 400, 'InvalidOssObject.Malformed', undefined],
    [
      '10: a bucket nobody has',
      { OssBucket: 'nobodys' },
      404,
      'InvalidBucket.NotFound',
      'The bucket does not belong to you.',
    ],
    [
      '11: a stream nobody published',
      { StreamName: 's2' },
      400,
      'InvalidStream.NotFound',
      'Speicified stream does not exist.',
    ],
    [
      '14: a range without a slice',
      { StartTime: at(-60), EndTime: at(-10) },
      400,
      'NoRecordContent',
      'The record content between StartTime and EndTime is empty.',
    ],
  ])('%s', async (_, parameters, status, code, message) => {
    const bench = await openWithSlices();
    const reply = await create(bench, parameters);
    expect(reply).toMatchObject({ status, body: { Code: code, ...(message !== undefined && { Message: message }) } });
  });

  /** The clock is at 60 s after noon, as `openWithSlices` leaves it. */
  it.each([
    ['5: a start now', { StartTime: at(60), EndTime: at(65) }, 'NoRecordContent'],
    ['5: a start a second from now', { StartTime: at(61), EndTime: at(66) }, 'InvalidStartTime.Mismatch'],
    ['5: 90 days ago', { StartTime: at(60 - 90 * DAY_SEC), EndTime: at(120 - 90 * DAY_SEC) }, 'NoRecordContent'],
    [
      '5: a second more than 90 days ago',
      { StartTime: at(59 - 90 * DAY_SEC), EndTime: at(120 - 90 * DAY_SEC) },
      'InvalidStartTime.Mismatch',
    ],
    ['6: four days', { StartTime: at(60 - 4 * DAY_SEC), EndTime: at(60) }, undefined],
    ['6: four days and a second', { StartTime: at(60 - 4 * DAY_SEC), EndTime: at(61) }, 'InvalidEndTime.Mismatch'],
    ['6: a slice', { StartTime: at(4), EndTime: at(9) }, undefined],
    ['6: a second less than a slice', { StartTime: at(4), EndTime: at(8) }, 'InvalidEndTime.Mismatch'],
    ['9: a name of 1023 bytes', { OssObject: `é${'a'.repeat(1016)}.m3u8` }, undefined],
    ['9: a name of 1024 bytes', { OssObject: `é${'a'.repeat(1017)}.m3u8` }, 'InvalidOssObject.Malformed'],
  ])('stands at its limit: %s', async (_, parameters, code) => {
    const bench = await openWithSlices();
    const { status, body } = await create(bench, parameters);
    expect([status === 200, body.Code]).toEqual([code === undefined, code]);
  });

  it('15: stands at its limit: as many slices as are allowed, and one more', async () => {
    const bench = await openWithSlices(12, { maxSlices: 10 });
    expect((await create(bench, { EndTime: at(55) })).body.RecordInfo?.Duration).toBe(50);
    expect((await create(bench, { EndTime: at(56) })).body.Code).toBe('RecordContentExceed');
  });

  it('2: * that fits two streams', async () => {
    const bench = await openWithSlices();
    await (await bench.publish('app', 's2')).slices(1);
    expect((await create(bench, { StreamName: '*' })).body.Code).toBe('InvalidParams');
  });

  it('6: less than 30 s without a configuration, and not one second more', async () => {
    const bench = await openWithSlices();
    await bench.call('DeleteLiveAppRecordConfig', { DomainName: 'example.com', AppName: '*' });
    expect((await create(bench, { EndTime: at(29) })).body.Code).toBe('InvalidEndTime.Mismatch');
    expect((await create(bench, { EndTime: at(30) })).status).toBe(200);
  });

  it('12: recordings of flv and mp4 alone', async () => {
    const bench = await openBench();
    const formats = { 'RecordFormat.1.Format': 'flv', 'RecordFormat.2.Format': 'mp4' };
    const prefix = { 'RecordFormat.2.OssObjectPrefix': '{StartTime}_{EndTime}' };
    await bench.call('AddLiveAppRecordConfig', recordConfig({ ...formats, ...prefix }));
    await bench.publish('app', 's1');
    bench.clock.advance(60_000);
    expect((await create(bench)).body).toMatchObject({
      Code: 'OperationNotSupport',
      Message: 'The Operation is not support for flv/mp4 format or live to vod record.',
    });
    expect(bench.logged.join('\n')).toContain('record-config.formats');
  });

  it('13: slices in two buckets, after the configuration changed between two pushes', async () => {
    const bench = await openWithSlices(2);
    await bench.publishing.get('live:*/app/s1')?.end();
    await bench.call('DeleteLiveAppRecordConfig', { DomainName: 'example.com', AppName: '*' });
    await bench.call('AddLiveAppRecordConfig', recordConfig({ OssBucket: 'otherbucket' }));
    await (await bench.publish('app', 's1')).slices(2);
    expect((await create(bench)).body).toMatchObject({
      Code: 'InvalidConfig.Changed',
      Message: 'The oss bucket info between StartTime and EndTime has changed.',
    });
    expect((await create(bench, { StartTime: at(11) })).status).toBe(200);
  });

  it('15: more slices than the limit', async () => {
    const bench = await openWithSlices(12, { maxSlices: 10 });
    expect((await create(bench)).body).toMatchObject({
      Code: 'RecordContentExceed',
      Message: 'The record content between StartTime and EndTime is exceeded, please narrow down the range.',
    });
    expect((await create(bench, { EndTime: at(55) })).status).toBe(200);
  });

  it('16: a manifest that cannot be stored', async () => {
    const bench = await openBench({}, { put: () => Promise.reject(new Error('the disk is full')) });
    await bench.call('AddLiveAppRecordConfig', recordConfig());
    await (await bench.publish('app', 's1')).slices(12);
    expect(await create(bench)).toMatchObject({
      status: 500,
      body: {
        Code: 'InternalError',
        Message: 'The request processing has failed due to some unknown error, exception or failure.',
      },
    });
    expect(bench.logged.join('\n')).toContain('the disk is full');
  });

  it('comes by the first check that fails', async () => {
    const bench = await openBench();
    const bad: [string, string, string][] = [
      ['EndTimeIncluded', 'maybe', 'InvalidParams'],
      ['StartTime', 'x', 'InvalidStartTime.Malformed'],
      ['EndTime', 'x', 'InvalidEndTime.Malformed'],
      ['StartTime', at(100), 'InvalidStartTime.Mismatch'],
      ['EndTime', at(0), 'InvalidEndTime.Mismatch'],
      ['OssEndpoint', 'a b', 'InvalidOssEndpoint.Malformed'],
      ['OssBucket', 'B', 'InvalidOssBucket.Malformed'],
      ['OssObject', '{X}', 'InvalidOssObject.Malformed'],
      ['OssBucket', 'nobodys', 'InvalidBucket.NotFound'],
      ['StreamName', 'nobody', 'InvalidStream.NotFound'],
    ];
    for (let first = 0; first < bad.length; first++) {
      const later = bad.slice(first).toReversed();
      const parameters = Object.fromEntries(later.map(([name, value]) => [name, value]));
      expect((await create(bench, parameters)).body.Code).toBe(bad[first]?.[2]);
    }
  });
});

describe('records', () => {
  it('are listed by when they were made, and paged', async () => {
    const bench = await openWithSlices();
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      bench.clock.advance(1000);
      ids.push((await create(bench)).body.RecordInfo.RecordId);
    }
    const stream = { DomainName: 'example.com', AppName: 'app', StreamName: 's1' };
    const list = (parameters: Readonly<Record<string, string>>) =>
      bench.call('DescribeLiveStreamRecordIndexFiles', {
        ...stream,
        StartTime: at(0),
        EndTime: at(600),
        ...parameters,
      });
    const page = (await list({ PageSize: '5', PageNum: '2', Order: 'desc' })).body;
    expect(page).toMatchObject({ PageNum: 2, PageSize: 5, TotalNum: 7, TotalPage: 2, Order: 'desc' });
    const listed = page.RecordIndexInfoList.RecordIndexInfo.map(({ RecordId }: { RecordId: string }) => RecordId);
    expect(listed).toEqual(ids.slice(0, 2).toReversed());
    expect((await list({ StartTime: at(62), EndTime: at(63) })).body.TotalNum).toBe(2);
    expect((await list({ StartTime: 'x' })).body.Code).toBe('InvalidStartTime.Malformed');
    expect((await list({ EndTime: 'x' })).body.Code).toBe('InvalidEndTime.Malformed');
    expect((await list({ EndTime: at(0) })).body.Code).toBe('InvalidEndTime.Mismatch');
    const one = await bench.call('DescribeLiveStreamRecordIndexFile', { ...stream, RecordId: ids[3] ?? '' });
    expect(one.body.RecordIndexInfo).toMatchObject({ RecordId: ids[3], Format: 'm3u8', Duration: 55 });
    const unknown = await bench.call('DescribeLiveStreamRecordIndexFile', { ...stream, RecordId: 'nobodys' });
    expect(unknown.body.Code).toBe('InvalidParams');
  });

  it('are deleted with or without their file, never with their slices', async () => {
    const bench = await openWithSlices();
    const stream = { DomainName: 'example.com', AppName: 'app', StreamName: 's1' };
    const keep = (await create(bench, { OssObject: 'keep.m3u8' })).body.RecordInfo.RecordId;
    const drop = (await create(bench, { OssObject: 'drop.m3u8' })).body.RecordInfo.RecordId;
    const remove = (recordId: string, RemoveFile: string) =>
      bench.call('DeleteLiveStreamRecordIndexFiles', {
        ...stream,
        RemoveFile,
        'RecordId.1': recordId,
        'RecordId.2': 'nobodys',
      });
    expect((await remove(keep, 'false')).body).toMatchObject({
      Code: 'OK',
      Message: 'OK',
      RecordDeleteInfoList: {
        RecordDeleteInfo: [
          { RecordId: keep, Message: 'OK' },
          { RecordId: 'nobodys', Message: 'the record does not exist' },
        ],
      },
    });
    await remove(drop, 'true');
    expect(await bench.objects.find('examplebucket', 'keep.m3u8')).toBeDefined();
    expect(await bench.objects.find('examplebucket', 'drop.m3u8')).toBeUndefined();
    expect(await bench.objects.find('examplebucket', `slices/app/s1/${NOON_MS / 1000}_0.ts`)).toBeDefined();
    const left = await bench.call('DescribeLiveStreamRecordIndexFiles', {
      ...stream,
      StartTime: at(0),
      EndTime: at(600),
    });
    expect(left.body.TotalNum).toBe(0);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`RecordId.${index + 1}`, 'x']));
    const refused = await bench.call('DeleteLiveStreamRecordIndexFiles', { ...stream, RemoveFile: 'false', ...many });
    expect(refused.body.Code).toBe('InvalidParams');
  });

  it('of more than four days are not listed at once', async () => {
    const bench = await openWithSlices();
    const period = { StartTime: at(0), EndTime: at(4 * DAY_SEC + 1) };
    const { body } = await bench.call('DescribeLiveStreamRecordIndexFiles', { ...STREAM, ...period });
    expect(body.Code).toBe('InvalidEndTime.Mismatch');
  });

  it.each([
    ['while the clock moves', async () => {}],
    ['at the next start', (bench: Bench) => bench.reopen()],
  ])('are forgotten with the recordings after six months, pushes after three: %s', async (_, later) => {
    const bench = await openWithSlices();
    await create(bench);
    await bench.publishing.get('live:*/app/s1')?.end();
    const period = { ...STREAM, StartTime: at(0), EndTime: at(600) };
    const countFiles = async () => (await bench.call('DescribeLiveStreamRecordIndexFiles', period)).body.TotalNum;
    const countRecords = async () => {
      const { body } = await bench.call('DescribeLiveStreamRecordContent', period);
      return body.RecordContentInfoList.RecordContentInfo.length;
    };
    bench.clock.advance(91 * DAY_SEC * 1000);
    await later(bench);
    const range = { StartTime: at(80 * DAY_SEC), EndTime: at(80 * DAY_SEC + 60) };
    await expect.poll(async () => (await create(bench, range)).body.Code).toBe('InvalidStream.NotFound');
    expect([await countFiles(), await countRecords()]).toEqual([1, 1]);
    bench.clock.advance(90 * DAY_SEC * 1000);
    await later(bench);
    await expect.poll(async () => [await countFiles(), await countRecords()]).toEqual([0, 0]);
    expect(await bench.objects.find('examplebucket', 'index/app/s1.m3u8')).toBeDefined();
  });
});
