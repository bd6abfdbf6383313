import { expect, it } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { EXIT } from '../../src/cli/commands/command.ts';
import { NoEmulator, Refused } from '../../src/cli/commands/emulator-client.ts';
import { exitCodeOf, printed } from '../../src/cli/failure.ts';
import { RtmpRefusedError } from '../../src/index.ts';

it.each([
  [new UsageError('--port must be a port.'), EXIT.usage],
  [new NoEmulator('No emulator answers.'), EXIT.noEmulator],
  [new Refused('No such channel.'), EXIT.failure],
  [new RtmpRefusedError('NetStream.Publish.Denied', 'LiveChannelDisabled'), EXIT.failure],
])('%s is printed as one line', (error, code) => {
  expect(printed(error)).toBe(error.message);
  expect(exitCodeOf(error)).toBe(code);
});

it.each([new TypeError('a bug'), 'thrown as text', undefined])('%s is a bug and printed whole', (thrown) => {
  expect(printed(thrown)).toBe(thrown);
  expect(exitCodeOf(thrown)).toBe(EXIT.failure);
});
