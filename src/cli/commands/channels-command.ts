import type { Api } from '../../control-plane/admin/control-api.ts';
import type { AnswerOf } from '../../control-plane/admin/route.ts';
import { answer, type Command, type CommandContext, EXIT } from './command.ts';
import { call, URL_OPTION } from './emulator-client.ts';

type Channel = AnswerOf<Api['channel']>;

const HEAD = ['BUCKET', 'CHANNEL', 'STATE', 'FRAGMENTS', 'PUBLISHER'];

export const channelsCommand: Command = {
  name: 'channels',
  summary: 'List the channels and who is live',
  options: [URL_OPTION],

  async run(context: CommandContext) {
    const document = await call(context, 'channels');
    answer(context, document, table([HEAD, ...document.channels.map(row)]));
    return EXIT.ok;
  },
};

function row({ bucket, name, state, fragDurationSec, fragCount, live }: Channel): string[] {
  return [bucket, name, state, `${fragDurationSec} s, ${fragCount} listed`, live ? describe(live) : ''];
}

function describe({ remoteAddr, video, audio }: NonNullable<Channel['live']>): string {
  const picture = video ? `${video.width}x${video.height} ${video.frameRate} fps` : 'no video yet';
  return [remoteAddr, picture, ...(audio ? [`${audio.codec} ${audio.sampleRate} Hz`] : [])].join(', ');
}

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
