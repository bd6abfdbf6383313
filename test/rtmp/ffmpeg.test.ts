import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readFlvTags } from '../../src/media/flv/file.ts';
import { describeWith, pushWithFfmpeg } from '../support/tools.ts';
import { RecordingHandler, type RunningServer, readFixture, serveRtmp } from './support.ts';

const CLIP = fileURLToPath(new URL('../../fixtures/rtmp/clip.flv', import.meta.url));

describeWith(['ffmpeg'], 'ffmpeg as a publisher', () => {
  let handler: RecordingHandler;
  let server: RunningServer;

  beforeEach(async () => {
    handler = new RecordingHandler();
    server = await serveRtmp(handler);
  });

  afterEach(() => server.stop());

  it('publishes a clip, of which every access unit arrives, and ends without a complaint', async () => {
    const { code, stderr } = await pushWithFfmpeg(CLIP, `${server.url}/live/channel?a=%2F`).done;
    expect([code, stderr]).toEqual([0, '']);
    expect(handler.publishes).toMatchObject([{ app: 'live', streamName: 'channel?a=%2F' }]);
    expect(handler.messages.filter((message) => message.kind !== 'data')).toEqual(
      [...readFlvTags(readFixture('clip.flv'))].filter((tag) => tag.kind !== 'data'),
    );
    expect(handler.ends).toEqual([{ cause: 'unpublished' }]);
  });

  it('is refused and says why', async () => {
    handler.decide = async () => ({
      accepted: false,
      code: 'NetStream.Publish.Unauthorized',
      description: 'SignatureDoesNotMatch 0002-00000807',
    });
    const { code, stderr } = await pushWithFfmpeg(CLIP, `${server.url}/live/channel`).done;
    expect(code).not.toBe(0);
    expect(stderr).toContain('SignatureDoesNotMatch 0002-00000807');
    expect(handler.rejections).toEqual(['NetStream.Publish.Unauthorized: SignatureDoesNotMatch 0002-00000807']);
  });

  it('is refused at connect and says why', async () => {
    handler.connectRefusal = { code: 'NetConnection.Connect.Rejected', description: 'the app must be live' };
    const { code, stderr } = await pushWithFfmpeg(CLIP, `${server.url}/vod/channel`).done;
    expect(code).not.toBe(0);
    expect(stderr).toContain('the app must be live');
  });

  it('is noticed when it is killed', async () => {
    let ended: (cause: string) => void = () => {};
    const end = new Promise<string>((resolve) => {
      ended = resolve;
    });
    let started: () => void = () => {};
    const start = new Promise<void>((resolve) => {
      started = resolve;
    });
    handler.decide = async () => ({
      accepted: true,
      sink: { message: () => started(), end: async ({ cause }) => ended(cause) },
    });
    const push = pushWithFfmpeg(CLIP, `${server.url}/live/channel`, ['-re', '-stream_loop', '-1']);
    await start;
    push.kill('SIGKILL');
    expect(await end).toBe('disconnected');
    await push.done;
  });
});
