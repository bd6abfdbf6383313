import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ReadableStream } from 'node:stream/web';
import { unreadable } from '../../base/named-file.ts';
import { answer, type Command, type CommandContext, EXIT, oneOperand } from './command.ts';
import { call, URL_OPTION, withProgress } from './emulator-client.ts';

export const importCommand: Command = {
  name: 'import',
  operands: 'FILE',
  summary: 'Replace everything by an export, or by - (stdin)',
  options: [URL_OPTION],

  async run(context: CommandContext) {
    const file = oneOperand(
      context,
      'Name the file: oss-livechannel-emulator import FILE, or - for the standard input.',
    );
    const { chunks, sizeBytes } = file === '-' ? ofInput(context) : await ofFile(resolve(context.folder, file));
    const upload = ReadableStream.from(withProgress(context, chunks, sizeBytes));
    const whenGone = 'nothing was imported, unless it had received the whole file';
    const done = await call(context, 'import', undefined, { upload, whenGone });
    const { durationMs, ...counts } = done;
    const list = Object.entries(counts).map(([what, count]) => `${what} ${count}`);
    answer(context, done, `Imported in ${Math.round(durationMs)} ms: ${list.join(', ')}.`);
    return EXIT.ok;
  },
};

interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number | undefined;
}

function ofInput({ input }: CommandContext): Source {
  return { chunks: input, sizeBytes: undefined };
}

/** @throws UsageError when there is no such file */
async function ofFile(path: string): Promise<Source> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is no regular file');
    return { chunks: file.createReadStream(), sizeBytes: stats.size };
  } catch (error) {
    await file?.close();
    throw unreadable(path, 'the import', error);
  }
}
