import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTestEmulator } from '../../support/emulator.ts';
import { describeWith } from '../../support/tools.ts';
import { INSTALL_TIMEOUT_MS } from '../programs.ts';
import { buildLiveGo, installLivePython, type LiveProgram } from './programs.ts';

const run = promisify(execFile);

const RTMP_ADDRESS =
  /^rtmp:\/\/127\.0\.0\.1:\d+\/rtc[0-9a-f]{12}\/H4sIAAAA[\w-]+\?auth_key=\d{10}-[0-9a-f]{4}-0-[0-9a-f]{32}$/;

/** The answers that a program received, by the names of its calls. */
async function answers(program: LiveProgram, port: number, secret: string): Promise<Record<string, unknown>> {
  const [command, ...args] = program;
  const time = (ms: number) => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`;
  const call = [`127.0.0.1:${port}`, 'examplebucket', secret, time(-120_000), time(0)];
  const { stdout } = await run(command, [...args, ...call], { timeout: 60_000 });
  return Object.assign(
    {},
    ...stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
}

describe.each([
  ['alibabacloud_live20161101 (Python, ACS3)', 'python3', installLivePython],
  ['alibaba-cloud-sdk-go (Go, RPC v1)', 'go', buildLiveGo],
] as const)('%s', (_, tool, install) => {
  describeWith([tool], 'as its users run it', () => {
    let program: LiveProgram;
    beforeAll(async () => {
      program = await install();
    }, INSTALL_TIMEOUT_MS);

    it('configures recording, reads it back, and is told what went wrong', async () => {
      const { port } = await startTestEmulator();
      const got = await answers(program, port, 'emulator-secret');
      expect(got.add).toMatchObject({ RequestId: expect.stringMatching(/^[0-9A-F-]{36}$/) });
      expect(got.describe).toMatchObject({
        TotalNum: 1,
        LiveAppRecordList: {
          LiveAppRecord: [
            {
              DomainName: 'example.com',
              AppName: '*',
              OnDemond: 0,
              DelayTime: 180,
              RecordFormatList: { RecordFormat: [{ Format: 'm3u8', SliceDuration: 5, CycleDuration: 21_600 }] },
            },
          ],
        },
      });
      expect(got.online).toMatchObject({ TotalNum: 0, OnlineInfo: { LiveStreamOnlineInfo: [] } });
      expect(got.create).toMatchObject({
        code: 'InvalidStream.NotFound',
        status: 400,
        message: expect.stringContaining('Speicified stream does not exist.'),
      });
    });

    it('gets an address of a room, and finds nobody in it yet', async () => {
      const { port } = await startTestEmulator();
      const got = await answers(program, port, 'emulator-secret');
      expect(got.room).toMatchObject({ RtmpAddress: expect.stringMatching(RTMP_ADDRESS) });
      expect(got.participants).toMatchObject({ TotalNum: 0, TotalPage: 0, UserList: [], Times: expect.any(Number) });
      expect(got.users).toMatchObject({ IsChannelExists: false, InteractiveUserList: [], LiveUserNumber: 0 });
      expect(got.removed).toMatchObject({
        Terminals: [
          { Id: 'u1', Message: 'Failed' },
          { Id: 'u2', Message: 'Failed' },
        ],
      });
    });

    it('with a wrong secret is refused', async () => {
      const { port } = await startTestEmulator();
      const { describe: refused } = await answers(program, port, 'wrong-secret');
      // The Go SDK finds its string to sign in that of the answer, and so reports a wrong secret.
      expect(refused).toMatchObject({
        code: 'SignatureDoesNotMatch',
        ...(tool === 'go' && { recommend: 'InvalidAccessKeySecret: Please check you AccessKeySecret' }),
      });
    });
  });
});
