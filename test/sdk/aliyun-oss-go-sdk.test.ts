import { beforeAll } from 'vitest';
import { describeWith } from '../support/tools.ts';
import { describeLives } from './lives.ts';
import { GO_SDK, ownTestsTitle } from './matrix.ts';
import { ownTests, runGoSuite } from './own-tests.ts';
import { startProgram } from './program-client.ts';
import { buildGo, INSTALL_TIMEOUT_MS } from './programs.ts';

const TOOLS = ['go', 'gcc'];

let go: Awaited<ReturnType<typeof buildGo>>;
beforeAll(async () => {
  go = await buildGo();
}, INSTALL_TIMEOUT_MS);

describeLives(GO_SDK, TOOLS, (options) => startProgram(go, options));

describeWith(TOOLS, ownTestsTitle(GO_SDK, 'oss/livechannel_test.go'), () => {
  ownTests(
    [
      'TestCreateLiveChannel',
      'TestDeleteLiveChannel',
      'TestGetLiveChannelInfo',
      'TestPutLiveChannelStatus',
      'TestGetLiveChannelHistory',
      'TestGetLiveChannelStat',
      'TestPostVodPlaylist',
      'TestGetVodPlaylist',
      'TestListLiveChannel',
      'TestSignRtmpURL',
    ],
    (env) => runGoSuite(go.ownTests, 'OssBucketLiveChannelSuite', env),
  );
});
