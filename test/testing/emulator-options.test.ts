import { describe, expect, it } from 'vitest';
import { OPTIONS, type OptionSpec, optionNames } from '../../src/config/config.ts';
import { startEmulator } from '../../src/index.ts';
import { renamedOptions } from '../../src/testing/start-emulator.ts';

/** May be given several times, and is the name of a protocol. */
const NO_PLURAL = ['proxyProtocol'];

/** The rule of docs/options.md. */
function fieldNames(name: string, { flag, repeatable = false }: OptionSpec<unknown>): readonly string[] {
  const camelCase = flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const words = camelCase.replace('Webrtc', 'webrtc');
  if (repeatable && !NO_PLURAL.includes(name)) return [`${words}s`];
  return [words, `${words}Sec`, `${words}Ms`];
}

describe('an option', () => {
  it.each(optionNames())('%s has one name for field, flag and variable', (name) => {
    const spec: OptionSpec<unknown> = OPTIONS[name];
    expect(fieldNames(name, spec)).toContain(name);
    expect(spec.variable).toBe(`OSS_LIVECHANNEL_${spec.flag.replaceAll('-', '_').toUpperCase()}`);
  });

  it('keeps the name that it had', async () => {
    expect(renamedOptions({ webRtcPort: 4_321, webRtcHosts: ['192.0.2.1'] })).toEqual({
      webrtcPort: 4_321,
      webrtcHosts: ['192.0.2.1'],
    });
    await using emulator = await startEmulator({ webRtcPort: 0, webRtcHosts: ['192.0.2.1'] });
    expect(emulator.port).toBeGreaterThan(0);
  });

  it('that is misspelt is never answered with a name that it had', async () => {
    const misspelt: object = { webRtcPorts: 0 };
    await expect(startEmulator(misspelt)).rejects.toThrow('did you mean "webrtcPort"?');
  });
});
