import { UsageError } from '../../base/errors.ts';
import { readSeedFile } from '../../control-plane/seed/read-file.ts';
import { answer, type Command, type CommandContext, EXIT, oneOperand } from './command.ts';
import { call, Refused, URL_OPTION } from './emulator-client.ts';

/** The emulator found a mistake in what the file says. */
const BAD_REQUEST = 400;

export const seedCommand: Command = {
  name: 'seed',
  operands: 'FILE',
  summary: 'Make the buckets, channels and recordings of a JSON file',
  options: [URL_OPTION],

  async run(context: CommandContext) {
    const path = oneOperand(context, 'Name one seed file: oss-livechannel-emulator seed FILE.');
    const made = await call(context, 'seed', readSeedFile(path)).catch((error: unknown) => {
      const isOfFile = error instanceof Refused && error.status === BAD_REQUEST;
      throw isOfFile ? new UsageError(`The seed ${path}: ${error.message.replace(/^The seed: /, '')}`) : error;
    });
    const { durationMs, ...counts } = made;
    const list = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
    answer(context, made, `Made in ${Math.round(durationMs)} ms: ${list.join(', ')}.`);
    return EXIT.ok;
  },
};
