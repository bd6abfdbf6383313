import { resolve } from 'node:path';
import { answer, type Command, type CommandContext, EXIT, oneOperand } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';

export const backupCommand: Command = {
  name: 'backup',
  operands: 'FOLDER',
  summary: 'Copy the data folder of a running emulator',
  options: [URL_OPTION],

  async run(context: CommandContext) {
    const folder = oneOperand(context, 'Name the folder of the copy: oss-livechannel-emulator backup FOLDER.');
    const done = await call(context, 'backup', { folder: resolve(folder) });
    const restore = `restore it with: start --data-dir ${done.folder}`;
    answer(
      context,
      done,
      `Copied ${done.files} files, ${done.sizeBytes} bytes in ${Math.round(done.durationMs)} ms; ${restore}`,
    );
    const faulty = done.missing + done.changed;
    if (faulty === 0) return EXIT.ok;
    context.err(
      `Not all objects are whole: the files of ${done.missing} were gone, and those of ${done.changed} had another size; see doctor.`,
    );
    return EXIT.failure;
  },
};
