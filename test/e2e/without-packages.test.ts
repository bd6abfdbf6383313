import RPCClient from '@alicloud/pop-core';
import { expect, it, onTestFinished, vi } from 'vitest';
import { clip } from '../support/emulator.ts';
import { offerOf } from '../support/offer.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';
import { startCommand, startServing } from './command.ts';

const WITHOUT_PACKAGES = new URL('./without-packages.mjs', import.meta.url).href;
const ROOM = { AppId: 'app-1', ChannelId: 'room' };

describeWith(['ffmpeg'], 'without the optional packages', () => {
  it('everything works but watching by WebRTC, which says what to install', async () => {
    vi.stubEnv('NODE_OPTIONS', `--import=${WITHOUT_PACKAGES}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { port, line } = await startServing('--memory', '--rtmp-port', 'off');
    const doctor = startCommand('doctor', '--memory', '--port', '0', '--rtmp-port', 'off');
    await doctor.line(/^note {2}WebRTC/);
    await doctor.line(/-> .*npm install werift/);
    vi.unstubAllEnvs();
    const endpoint = `http://127.0.0.1:${port}`;
    const client = new RPCClient({
      accessKeyId: 'emulator-ak',
      accessKeySecret: 'emulator-secret',
      endpoint,
      apiVersion: '2016-11-01',
    });
    const user = { ...ROOM, UserId: 'u1', DisplayName: 'One' };
    const { RtmpAddress } = Object(await client.request('CreateRoomRealTimeStreamAddress', user, {}));
    for (const url of [RtmpAddress, `rtmp://127.0.0.1:${port}/app/s1`]) {
      const push = pushWithFfmpeg(clip('h264-aac.flv'), url, ['-re', '-stream_loop', '-1']);
      onTestFinished(async () => {
        push.kill('SIGTERM');
        await push.done;
      });
    }
    await line(/publish\.accepted.*app=app/);
    await line(/publish\.accepted.*userId=u1/);

    const advice = /npm install werift/;
    const whep = { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: offerOf('h264', 'opus') };
    for (const path of ['/app/s1', '/_emulator/rooms/app-1/room/u1']) {
      const refused = await fetch(`${endpoint}${path}`, whep);
      expect({ status: refused.status, text: await refused.text() }).toEqual({
        status: 501,
        text: expect.stringMatching(advice),
      });
    }
    const jsep = { type: 'offer', sdp: offerOf('h264', 'opus') };
    const body = JSON.stringify({ version: 2, mode: 'live', pull_streams: [{}], jsep });
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    const rts = await fetch(`${endpoint}/app/s1`, { method: 'POST', headers, body });
    expect({ status: rts.status, json: await rts.json() }).toEqual({
      status: 501,
      json: { code: 501, message: expect.stringMatching(advice) },
    });

    expect((await fetch(`${endpoint}/app/s1.m3u8`)).status).toBe(200);
    const flv = await fetch(`${endpoint}/app/s1.flv`);
    expect(flv.status).toBe(200);
    await flv.body?.cancel();
  });
});
