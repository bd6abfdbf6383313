/** Files of a program through a client that has no live channels of its own: what it is made for. */
import { expect, it, onTestFinished } from 'vitest';
import { startTestEmulator } from '../support/emulator.ts';
import { describeWith } from '../support/tools.ts';
import type { ClientOptions } from './client.ts';
import type { SdkUnderTest } from './matrix.ts';
import type { ProgramClient } from './program-client.ts';

export function describeObjects(
  sdk: SdkUnderTest,
  tools: readonly string[],
  start: (options: ClientOptions) => Promise<ProgramClient>,
): void {
  describeWith(tools, `${sdk.name} ${sdk.version}, files`, () => {
    it.each(sdk.auths)('with %s: whole and in parts, by ranges, listed, signed, copied, deleted', async (auth) => {
      const { port } = await startTestEmulator({ host: 'localhost' });
      const client = await start({ endpoint: `http://127.0.0.1:${port}`, auth, style: 'default' });
      onTestFinished(() => client.stop());
      const key = 'files 文';
      const [copy, large, small] = ['copy', 'large', 'small'].map((name) => `${key}/${name}`);
      const seen = await client.step('objects', { key });
      expect(seen).toEqual({
        range: '3456',
        isWhole: true,
        listed: [copy, large, small],
        signedUrl: expect.any(String),
        deleted: [large, small],
        isThere: false,
      });
      const { signedUrl } = seen as { signedUrl: string };
      expect(await (await fetch(signedUrl)).text()).toBe('0123456789');
    });
  });
}
