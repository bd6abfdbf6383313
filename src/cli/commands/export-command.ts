import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { causeText, errorText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { HEAD_ENTRY } from '../../control-plane/export-file/export-format.ts';
import { writeWholeFile } from '../../control-plane/export-file/whole-file.ts';
import { answer, type Command, type CommandContext, EXIT, oneOperand } from './command.ts';
import { download, NoEmulator, Refused, URL_OPTION, withProgress } from './emulator-client.ts';

export const exportCommand: Command = {
  name: 'export',
  operands: 'FILE',
  summary: 'Write everything to a file, or to - (stdout)',
  options: [URL_OPTION],

  async run(context: CommandContext) {
    const file = oneOperand(
      context,
      'Name the file: oss-livechannel-emulator export FILE, or - for the standard output.',
    );
    if (file !== '-') refuseUnwritable(resolve(context.folder, file));
    const { chunks, sizeBytes } = await download(context, 'export');
    const counted = new Counted(withProgress(context, exportIn(chunks), sizeBytes));
    if (file === '-') {
      if (context.isOutputTerminal) throw new UsageError('An export is no text: redirect it, or name a file.');
      // An answer would be in the export.
      await pipeline(counted.chunks(), context.output, { end: false }).catch((error: unknown) => {
        throw isOfEmulator(error) ? error : new Refused(`The export cannot be written: ${errorText(error)}.`);
      });
      return EXIT.ok;
    }
    const path = resolve(context.folder, file);
    await writeFile(path, counted.chunks());
    answer(context, { file: path, sizeBytes: counted.sizeBytes }, `Exported ${counted.sizeBytes} bytes to ${path}.`);
    return EXIT.ok;
  },
};

/** Before everything was sent. @throws UsageError when no file can be made there */
function refuseUnwritable(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new UsageError(`${path} is a folder: name a file in it, e.g. export.tar.`);
  if (there && !there.isFile())
    throw new UsageError(`${path} is no regular file: name one, or - for the standard output.`);
  const folder = dirname(path);
  if (!there && !statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`There is no folder ${folder} for the export: make it, or name a file elsewhere.`);
  }
}

/** The chunks, which begin with the name of the first entry. @throws Refused when they do not: something else has answered */
async function* exportIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (!start) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < HEAD_ENTRY.length) continue;
    if (start.toString('latin1', 0, HEAD_ENTRY.length) !== HEAD_ENTRY) throw notExport();
    yield start;
    start = undefined;
  }
  if (start) throw notExport();
}

function notExport(): Refused {
  return new Refused(
    'What has come is no export: not the emulator has answered, but something between, as a proxy. Nothing was written.',
  );
}

/** What comes, and how much it was. */
class Counted {
  sizeBytes = 0;
  readonly #chunks: AsyncIterable<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  /** @throws NoEmulator, Refused when the emulator, or only the connection, ends in the middle */
  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#chunks) {
        this.sizeBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      if (isOfEmulator(error)) throw error;
      throw new Refused(`The export broke off (${causeText(error)}): the log of the emulator says why.`);
    }
  }
}

/** And not of the file. */
function isOfEmulator(error: unknown): boolean {
  return error instanceof NoEmulator || error instanceof Refused;
}

async function writeFile(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await writeWholeFile(path, chunks);
  } catch (error) {
    if (isOfEmulator(error)) throw error;
    throw new UsageError(`The export ${path} cannot be written: ${errorText(error)}.`);
  }
}
