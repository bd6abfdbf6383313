import { UsageError } from '../../base/errors.ts';
import { type CommandContext, type CommandOption, flagValue } from './command.ts';

export const channelOptions: readonly CommandOption[] = [
  { flag: 'channel', argument: 'NAME', help: 'The channel' },
  { flag: 'bucket', argument: 'NAME', help: 'Its bucket [the first]' },
];

/**
 * The channel in the form of the control API.
 * @throws UsageError when `--channel` is not given
 */
export function requiredChannel(context: CommandContext): { readonly channel: string; readonly bucket?: string } {
  const channel = flagValue(context, 'channel');
  const bucket = flagValue(context, 'bucket');
  if (channel === undefined) throw new UsageError('Name the channel with --channel NAME.');
  return { channel, ...(bucket !== undefined && { bucket }) };
}
