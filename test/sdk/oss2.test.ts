import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { describeLives } from './lives.ts';
import { BUCKET, OSS2, ownTestsTitle } from './matrix.ts';
import { ownTests, runPythonSuite } from './own-tests.ts';
import { startProgram } from './program-client.ts';
import { INSTALL_TIMEOUT_MS, installPython } from './programs.ts';

const TOOLS = ['python3', 'gcc'];

let python: Awaited<ReturnType<typeof installPython>>;
beforeAll(async () => {
  python = await installPython();
}, INSTALL_TIMEOUT_MS);

describeLives(OSS2, TOOLS, (options) => startProgram(python, options));

const OWN_TESTS = [
  {
    file: 'tests/test_live_channel.py',
    target: 'tests.test_live_channel',
    cases: [
      'test_create_live_channel',
      'test_get_live_channel',
      'test_list_live_channel',
      'test_get_live_channel_stat',
      'test_put_live_channel_status',
      'test_get_live_channel_history',
      'test_post_vod_playlist',
      'test_get_vod_playlist',
      'test_sign_rtmp_url',
      'test_anonymous_auth',
    ],
  },
  {
    file: 'tests/test_iterator.py',
    target: 'tests.test_iterator.TestIterator.test_live_channel_iterator',
    cases: ['test_live_channel_iterator'],
  },
];

for (const { file, target, cases } of OWN_TESTS) {
  describeWith(TOOLS, ownTestsTitle(OSS2, file), () => {
    describe.each(OSS2.auths)('%s', (auth) => {
      ownTests(cases, (env) => runPythonSuite(python, target, { ...env, OSS_TEST_AUTH_VERSION: auth.toLowerCase() }));
    });
  });
}

describeWith(TOOLS, `${OSS2.name} ${OSS2.version}`, () => {
  it('works on with the endpoint that ListBuckets names, as the clean-up of its tests does', async () => {
    const { port } = await startTestEmulator({ host: 'localhost' });
    const client = await startProgram(python, {
      endpoint: `http://oss.localhost:${port}`,
      auth: 'V1',
      style: 'default',
    });
    onTestFinished(() => client.stop());
    expect(await client.step('useListedEndpoint')).toEqual({
      name: BUCKET,
      location: 'oss-cn-hangzhou',
      extranetEndpoint: `oss.localhost:${port}`,
      intranetEndpoint: `oss.localhost:${port}`,
      storageClass: 'Standard',
      createdSec: expect.any(Number),
    });
    expect(await client.names('', 100)).toEqual(['test-channel']);
  });
});
