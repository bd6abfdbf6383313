import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import { describeLives } from './lives.ts';
import { BUCKET, OSS2 } from './matrix.ts';
import { type Program, startProgram } from './program-client.ts';
import { INSTALL_TIMEOUT_MS, installPython } from './programs.ts';

const TOOLS = ['python3', 'gcc'];

let python: Program;
beforeAll(async () => {
  python = await installPython();
}, INSTALL_TIMEOUT_MS);

describeLives(OSS2, TOOLS, (options) => startProgram(python, options));

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
