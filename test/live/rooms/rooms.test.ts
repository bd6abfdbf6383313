import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EmulatorEvent } from '../../../src/events/events.ts';
import { receiveHttp } from '../../support/http-receiver.ts';
import { type Bench, NOON_MS, openBench } from '../bench.ts';

const ROOM = { AppId: 'app-1', ChannelId: 'room' };
const UNAUTHORIZED = { code: 'NetStream.Publish.Unauthorized', message: 'The address is not valid.' };

async function addressOf(bench: Bench, parameters: Readonly<Record<string, string>> = {}): Promise<string> {
  const user = { ...ROOM, UserId: 'u1', DisplayName: 'One', ...parameters };
  const { status, body } = await bench.call('CreateRoomRealTimeStreamAddress', user);
  expect(status).toBe(200);
  return body.RtmpAddress;
}

async function usersOf(bench: Bench, parameters: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  return (await bench.call('DescribeChannelParticipants', { ...ROOM, ...parameters })).body.UserList;
}

describe('an address', () => {
  it('leads to where the call came in, and is nobody yet', async () => {
    const bench = await openBench();
    const address = await addressOf(bench);
    expect(address).toMatch(
      /^rtmp:\/\/127\.0\.0\.1:9000\/rtc[0-9a-f]{12}\/H4sIAAAA[\w-]+\?auth_key=\d{10}-[0-9a-f]{4}-0-[0-9a-f]{32}$/,
    );
    expect(await usersOf(bench)).toEqual([]);
    expect((await bench.call('DescribeChannelUsers', ROOM)).body.IsChannelExists).toBe(false);
  });

  it('is another every time, and each is good', async () => {
    const bench = await openBench();
    const addresses = [await addressOf(bench), await addressOf(bench)];
    expect(new Set(addresses).size).toBe(2);
    for (const address of addresses) (await bench.join(address)).end();
  });

  it('expires after ten hours, or when it was asked to; a push goes on', async () => {
    const bench = await openBench({ authMode: 'strict' });
    const { rooms } = bench.live;
    const user = { appId: 'app-1', channelId: 'room', userId: 'u1', displayName: 'One' };
    const address = `rtmp://127.0.0.1${rooms.issue(user, 60)}`;
    expect(address).toContain(`auth_key=${NOON_MS / 1000 + 60}-`);
    const first = await bench.join(address);
    bench.clock.advance(60_000);
    expect(first.cuts).toEqual([]);
    first.end();
    (await bench.join(address)).end();
    bench.clock.advance(1);
    await expect(bench.join(address)).rejects.toThrow(
      expect.objectContaining({ ...UNAUTHORIZED, reason: 'auth_key expired at 2026-03-01T12:01:00Z' }),
    );
    expect(await addressOf(await openBench())).toContain(`auth_key=${NOON_MS / 1000 + 36_000}-`);
  });

  it('outlives the process, and a reset', async () => {
    const bench = await openBench({ authMode: 'strict' });
    const user = { appId: 'app-1', channelId: 'room', userId: 'u1', displayName: 'One' };
    const address = `rtmp://127.0.0.1${bench.live.rooms.issue(user, 60)}`;
    await bench.reopen();
    (await bench.join(address)).end();
    await bench.metadata.clear();
    await bench.live.reset();
    (await bench.join(address)).end();
    await bench.reopen();
    (await bench.join(address)).end();
  });

  it('of another emulator is refused', async () => {
    const [bench, other] = [await openBench({ authMode: 'strict' }), await openBench({ authMode: 'strict' })];
    const user = { appId: 'app-1', channelId: 'room', userId: 'u1', displayName: 'One' };
    const address = `rtmp://127.0.0.1${other.live.rooms.issue(user, 60)}`;
    await expect(bench.join(address)).rejects.toThrow(expect.objectContaining(UNAUTHORIZED));
    await other.join(address);
    expect(other.live.rooms.list()).toHaveLength(1);
    expect(bench.live.rooms.list()).toEqual([]);
  });

  it.each([
    ['without auth_key', { authKey: undefined }, 'not none'],
    ['with a broken auth_key', { authKey: '1-2-3' }, 'not this'],
    ['with that of another', { authKey: `4000000000-0-0-${'0'.repeat(32)}` }, 'the md5 of auth_key'],
    ['a gzip bomb', { streamName: gzipSync(Buffer.alloc(1e6)).toString('base64url') }, 'no token'],
    ['a name that does not decode', { streamName: 'H4sIAAAA' }, 'no token'],
    ['in another application', { app: 'rtc000000000000' }, 'no token'],
  ])('is refused: %s', async (_, overrides, reason) => {
    const bench = await openBench({ authMode: 'strict' });
    const user = { appId: 'app-1', channelId: 'room', userId: 'u1', displayName: 'One' };
    const address = `rtmp://127.0.0.1${bench.live.rooms.issue(user, 60)}`;
    await expect(bench.join(address, overrides)).rejects.toThrow(
      expect.objectContaining({ ...UNAUTHORIZED, reason: expect.stringContaining(reason) }),
    );
  });

  it('is let through with loose signatures, and the log says what was wrong', async () => {
    const bench = await openBench({ authMode: 'loose' });
    const user = { appId: 'app-1', channelId: 'room', userId: 'u1', displayName: 'One' };
    await bench.join(`rtmp://127.0.0.1${bench.live.rooms.issue(user, 60)}`, { authKey: undefined });
    expect(bench.logged.join('\n')).toContain('the URL needs auth_key');
  });

  it('of the shape the service gives finds its application by that of an earlier one', async () => {
    const bench = await openBench();
    const address = await addressOf(bench);
    const streamName = gzipSync(JSON.stringify({ c: 'room', u: 'u9', d: 'Nine', r: '0' })).toString('base64url');
    expect((await bench.join(address, { streamName })).push.source).toEqual({
      kind: 'room',
      appId: 'app-1',
      channelId: 'room',
      userId: 'u9',
    });
  });

  it('of that shape finds the thousand latest applications only', async () => {
    const { rooms } = (await openBench()).live;
    const issue = (appId: string) => rooms.issue({ appId, channelId: 'room', userId: 'u1', displayName: 'One' }, 60);
    const streamName = gzipSync(JSON.stringify({ c: 'room', u: 'u9', d: 'Nine', r: '0' })).toString('base64url');
    const [, app = ''] = issue('app-1').split('/');
    for (let n = 0; n < 999; n++) issue(`other-${n}`);
    expect(rooms.read(app, streamName)).toMatchObject({ appId: 'app-1' });
    issue('other-999');
    expect(rooms.read(app, streamName)).toBeUndefined();
  });
});

describe('the parameters', () => {
  it.each([
    [{ AppId: '' }, 'MissingAppId'],
    [{ UserId: '' }, 'MissingUserId'],
    [{ DisplayName: '' }, 'MissingDisplayName'],
  ])('%j is missed', async (parameters, code) => {
    const bench = await openBench();
    const all = { ...ROOM, UserId: 'u1', DisplayName: 'One', ...parameters };
    expect(await bench.call('CreateRoomRealTimeStreamAddress', all)).toMatchObject({
      status: 400,
      body: { Code: code },
    });
  });

  it.each([
    ['AppId', 'a b'],
    ['ChannelId', 'x'.repeat(65)],
    ['UserId', 'a/b'],
    ['DisplayName', 'x'.repeat(41)],
    ['DisplayName', 'a\nb'],
    ['ExpireTime', '0'],
    ['ExpireTime', 'soon'],
    ['ExpireTime', '-5'],
    ['ExpireTime', '315360001'],
  ])('%s may not be %j', async (name, value) => {
    const bench = await openBench();
    const all = { ...ROOM, UserId: 'u1', DisplayName: 'One', [name]: value };
    const { status, body } = await bench.call('CreateRoomRealTimeStreamAddress', all);
    expect({ status, code: body.Code }).toEqual({ status: 400, code: 'InputInvalid' });
    expect(body.Message).toBe(`${name} is invalid.`);
  });

  it.each([
    ['PageNum', 'first'],
    ['PageSize', '1.5'],
    ['Order', 'up'],
  ])('%s of the participants may not be %j', async (name, value) => {
    const bench = await openBench();
    const { status, body } = await bench.call('DescribeChannelParticipants', { ...ROOM, [name]: value });
    expect({ status, code: body.Code, message: body.Message }).toEqual({
      status: 400,
      code: 'InputInvalid',
      message: `${name} is invalid.`,
    });
  });

  it('of 40 characters beyond the basic plane are a display name', async () => {
    await addressOf(await openBench(), { DisplayName: '😀'.repeat(40), ExpireTime: '315360000' });
  });
});

describe('applications', () => {
  const applications = [
    { appId: 'app-1', accessKeyId: undefined },
    { appId: 'app-2', accessKeyId: 'somebody-else' },
  ];

  it('that are not configured do not exist, if any is', async () => {
    const bench = await openBench({ applications });
    await addressOf(bench);
    expect(await bench.call('DescribeChannelParticipants', { ...ROOM, AppId: 'app-3' })).toMatchObject({
      status: 404,
      body: { Code: 'ResourceNotExist', Message: 'The AppId does not exist.' },
    });
  });

  it('belong to their key', async () => {
    const { live } = await openBench({ applications });
    live.rooms.checkApplication('app-2', 'somebody-else');
    expect(() => live.rooms.checkApplication('app-2', 'emulator-ak')).toThrow(
      expect.objectContaining({ code: 'NoAuth', status: 403 }),
    );
  });

  it('that are gone let nobody in, good addresses or not', async () => {
    const before = await openBench();
    const address = await addressOf(before, { AppId: 'app-9' });
    const bench = await openBench({ applications });
    await expect(bench.join(address)).rejects.toThrow(expect.objectContaining(UNAUTHORIZED));
  });
});

describe('a room', () => {
  it('is there while somebody is in it', async () => {
    const bench = await openBench();
    const one = await bench.join(await addressOf(bench));
    bench.clock.advance(1000);
    const two = await bench.join(await addressOf(bench, { UserId: 'u2' }));
    await bench.join(await addressOf(bench, { ChannelId: 'other' }));
    expect(await usersOf(bench)).toEqual(['u2', 'u1']);
    expect(await usersOf(bench, { Order: 'asc' })).toEqual(['u1', 'u2']);
    expect(
      (await bench.call('DescribeChannelParticipants', { ...ROOM, PageSize: '1', PageNum: '2' })).body,
    ).toMatchObject({
      TotalNum: 2,
      TotalPage: 2,
      UserList: ['u1'],
      Times: NOON_MS / 1000 + 1,
    });
    expect((await bench.call('DescribeChannelUsers', ROOM)).body).toMatchObject({
      IsChannelExists: true,
      InteractiveUserList: ['u2', 'u1'].toReversed(),
      InteractiveUserNumber: 2,
      LiveUserList: [],
      LiveUserNumber: 0,
      Timestamp: NOON_MS / 1000 + 1,
    });
    one.end();
    two.end();
    expect(await usersOf(bench)).toEqual([]);
  });

  it('has each user once: who publishes goes on, the second is refused, with the same address or another', async () => {
    const bench = await openBench();
    const address = await addressOf(bench);
    const first = await bench.join(address);
    for (const again of [address, await addressOf(bench)]) {
      await expect(bench.join(again)).rejects.toThrow(expect.objectContaining({ code: 'NetStream.Publish.BadName' }));
    }
    expect(first.cuts).toEqual([]);
    await bench.join(await addressOf(bench, { ChannelId: 'other' }));
    await bench.join(await addressOf(bench, { AppId: 'app-2' }));
    first.end();
    await bench.join(address);
  });

  it('refuses to publish under the name of a viewer', async () => {
    const bench = await openBench();
    const room = { appId: 'app-1', channelId: 'room' };
    const viewer = { displayName: '', role: 'viewer' as const, joinedMs: 0, sessionId: 'a', remoteAddr: '192.0.2.1:1' };
    const leave = bench.live.rooms.enter(room, { ...viewer, userId: 'u1', remove() {} });
    const address = await addressOf(bench);
    await expect(bench.join(address)).rejects.toThrow(expect.objectContaining({ code: 'NetStream.Publish.BadName' }));
    await bench.join(await addressOf(bench, { ChannelId: 'other' }));
    leave('it left');
    await bench.join(address);
  });

  it('counts viewers who have a name, each once', async () => {
    const bench = await openBench();
    const removed: string[] = [];
    const viewer = (sessionId: string) => ({
      userId: 'v1',
      displayName: '',
      role: 'viewer' as const,
      joinedMs: bench.clock.now(),
      sessionId,
      remoteAddr: '192.0.2.9:50000',
      remove: (reason: string) => void removed.push(reason),
    });
    const room = { appId: 'app-1', channelId: 'room' };
    const leave = [bench.live.rooms.enter(room, viewer('a')), bench.live.rooms.enter(room, viewer('b'))];
    expect((await bench.call('DescribeChannelUsers', ROOM)).body).toMatchObject({
      IsChannelExists: true,
      InteractiveUserNumber: 0,
      LiveUserList: ['v1'],
      LiveUserNumber: 1,
    });
    expect(await usersOf(bench)).toEqual(['v1']);
    await bench.call('RemoveTerminals', { ...ROOM, 'TerminalIds.1': 'v1' });
    expect(removed).toHaveLength(2);
    for (const go of leave) go('closed');
    for (const go of leave) go('closed');
    expect(await usersOf(bench)).toEqual([]);
    expect(bench.happened.filter(({ type }) => type === 'room.left')).toHaveLength(2);
  });

  it('loses whom RemoveTerminals names; the address stays good', async () => {
    const bench = await openBench();
    const address = await addressOf(bench);
    const user = await bench.join(address);
    const { body } = await bench.call('RemoveTerminals', { ...ROOM, 'TerminalIds.1': 'u1', 'TerminalIds.2': 'nobody' });
    expect(body.Terminals).toEqual([
      { Id: 'u1', Code: 0, Message: 'Success' },
      { Id: 'nobody', Code: 404, Message: 'Failed' },
    ]);
    expect(user.cuts).toEqual(['NetStream.Publish.Denied']);
    await bench.join(address);
  });

  it('takes 30 terminals at once, no more', async () => {
    const bench = await openBench();
    const ids = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => `u${index}`));
    expect((await bench.call('RemoveTerminals', { ...ROOM, TerminalIds: ids(30) })).status).toBe(200);
    const { body } = await bench.call('RemoveTerminals', { ...ROOM, TerminalIds: ids(31) });
    expect(body).toMatchObject({ Code: 'InputInvalid', Message: 'TerminalIds is invalid.' });
  });

  it('ends with DeleteChannel', async () => {
    const bench = await openBench();
    const users = [
      await bench.join(await addressOf(bench)),
      await bench.join(await addressOf(bench, { UserId: 'u2' })),
    ];
    await bench.call('DeleteChannel', ROOM);
    expect(users.map(({ cuts }) => cuts.length)).toEqual([1, 1]);
    expect((await bench.call('DescribeChannelUsers', ROOM)).body.IsChannelExists).toBe(false);
  });
});

describe('event subscriptions', () => {
  it('are made, listed and deleted', async () => {
    const bench = await openBench();
    const wanted = { AppId: 'app-1', CallbackUrl: 'http://127.0.0.1:1/', 'Events.1': 'UserEvent', 'Users.1': 'u1' };
    const { body } = await bench.call('CreateEventSub', wanted);
    await bench.reopen();
    expect((await bench.call('ListEventSub', { AppId: 'app-1' })).body.Subscribers).toEqual([
      {
        SubId: body.SubscribeId,
        ChannelId: '',
        CallbackUrl: 'http://127.0.0.1:1/',
        Events: ['UserEvent'],
        Users: ['u1'],
        CreateTime: '2026-03-01T12:00:00Z',
        ModifyTime: '2026-03-01T12:00:00Z',
      },
    ]);
    await bench.call('DeleteEventSub', { AppId: 'app-1', SubscribeId: body.SubscribeId });
    expect((await bench.call('ListEventSub', { AppId: 'app-1' })).body.Subscribers).toEqual([]);
  });

  it('need a URL that can be called', async () => {
    const bench = await openBench();
    const { body } = await bench.call('CreateEventSub', {
      AppId: 'app-1',
      CallbackUrl: 'ftp://x/',
      Events: 'UserEvent',
    });
    expect(body).toMatchObject({ Code: 'InputInvalid', Message: 'CallbackUrl is invalid.' });
  });

  it('are called when a user comes, publishes, stops and leaves; of their room and users only', async () => {
    const bench = await openBench();
    const receiver = await receiveHttp();
    const delivered = (count: number) =>
      new Promise<void>((resolve) => {
        let left = count;
        const isIt = ({ type }: EmulatorEvent) => type === 'live.callback-delivered';
        bench.events.subscribe((event) => isIt(event) && --left === 0 && resolve());
      });
    const all = delivered(4);
    await bench.call('CreateEventSub', {
      AppId: 'app-1',
      CallbackUrl: receiver.url,
      Events: 'UserEvent',
      ChannelId: 'room',
      Users: 'u1',
    });
    (await bench.join(await addressOf(bench, { ChannelId: 'other' }))).end();
    (await bench.join(await addressOf(bench, { UserId: 'u2' }))).end();
    (await bench.join(await addressOf(bench))).end();
    await all;
    const received = receiver.received.map(({ body }) => JSON.parse(body));
    const tags = received.map(({ Contents }) => Contents[0].UserEvent.EventTag);
    expect(tags.toSorted()).toEqual(['Join', 'Leave', 'Publish', 'Unpublish']);
    expect(received[0]).toMatchObject({
      AppId: 'app-1',
      ChannelID: 'room',
      MsgTimestamp: NOON_MS / 1000,
      Contents: [{ Event: 'UserEvent', UserEvent: { UserId: 'u1', Timestamp: NOON_MS / 1000 } }],
    });
  });
});
