import { answer, type Command, type CommandContext, EXIT, flagValue } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';

export const resetCommand: Command = {
  name: 'reset',
  summary: 'Back to how it was started; with --bucket, empty one',
  options: [{ flag: 'bucket', argument: 'NAME', help: 'Only what is in this bucket' }, URL_OPTION],

  async run(context: CommandContext) {
    const bucket = flagValue(context, 'bucket');
    const done = await call(context, 'reset', bucket === undefined ? {} : { bucket });
    answer(context, done, `Reset ${bucket ?? 'everything'} in ${Math.round(done.durationMs)} ms.`);
    return EXIT.ok;
  },
};
