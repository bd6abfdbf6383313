import { describe, expect, it } from 'vitest';
import { OPTIONS, type OptionSpec, optionNames } from '../../src/config/config.ts';
import { startEmulator, UsageError } from '../../src/index.ts';
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

  it.each([
    ['port', 'x', 'startEmulator: port must be a number, not "x".'],
    ['port', Number.NaN, 'startEmulator: port must be a number, not null.'],
    ['port', 65_536, 'startEmulator: port must be a port, 0 to 65535, not "65536".'],
    ['memory', 'false', 'startEmulator: memory must be a boolean, not "false".'],
    ['dataDir', 1, 'startEmulator: dataDir must be a string, not 1.'],
  ])('%s: %j is refused in a sentence', async (name, value, message) => {
    const wrong: object = { [name]: value };
    await expect(startEmulator(wrong)).rejects.toThrow(new UsageError(message));
  });

  it('that is misspelt is never answered with a name that it had', async () => {
    const misspelt: object = { webRtcPorts: 0 };
    await expect(startEmulator(misspelt)).rejects.toThrow('did you mean "webrtcPort"?');
  });
});
