import { OPTIONS, optionNames } from '../../config/config.ts';
import { COMMON_FLAGS, type FlagSpec, helpRow, optionRows } from '../command-line.ts';
import { backupCommand } from './backup-command.ts';
import { channelsCommand } from './channels-command.ts';
import type { Command } from './command.ts';
import { doctorCommand } from './doctor-command.ts';
import { execCommand } from './exec-command.ts';
import { publishCommand } from './publish-command.ts';
import { resetCommand } from './reset-command.ts';
import { roomCommand } from './room-command.ts';
import { seedCommand } from './seed-command.ts';
import { signCommand } from './sign-command.ts';
import { startCommand } from './start-command.ts';
import { vodCommand } from './vod-command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  publishCommand,
  signCommand,
  roomCommand,
  channelsCommand,
  vodCommand,
  resetCommand,
  seedCommand,
  backupCommand,
  execCommand,
  doctorCommand,
];

/** The options that a new user needs first; `start --help` lists all of them. */
const FIRST_OPTIONS: readonly (readonly [FlagSpec, string])[] = [
  [OPTIONS.port, 'Port for REST, playback and RTMP [9000]'],
  [OPTIONS.memory, 'Keep everything in memory'],
  [OPTIONS.buckets, 'Bucket to create, e.g. media:public-read'],
  [OPTIONS.channels, 'LiveChannel to create in it'],
  [OPTIONS.auth, 'Signatures: strict, loose or off [strict]'],
  [OPTIONS.seed, 'JSON file of what there is to be'],
];

export function flagsOf(command: Command): readonly FlagSpec[] {
  const ofEmulator = command.startsEmulator ? optionNames().map((name) => OPTIONS[name]) : [];
  return [...COMMON_FLAGS, ...command.options, ...ofEmulator];
}

/** Fits a screen of 80 by 24. */
export function overview(): string {
  const first = FIRST_OPTIONS.map(([option, help]) => helpRow(option, help));
  return [
    'Usage: oss-livechannel-emulator [command] [options]',
    '',
    ...COMMANDS.map(({ name, operands, summary }) => `  ${`${name} ${operands ?? ''}`.padEnd(21)} ${summary}`),
    '',
    ...first,
    '',
    'More: COMMAND --help. Programs: --json. Version: --version.',
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no emulator; exec: COMMAND's.",
  ].join('\n');
}

export function helpOf(command: Command): string {
  const operands = command.operands === undefined ? '' : ` ${command.operands}`;
  return [
    `Usage: oss-livechannel-emulator ${command.name} [options]${operands}`,
    '',
    `${command.summary}.`,
    '',
    ...command.options.map((option) => helpRow(option, option.help)),
    ...(command.startsEmulator ? optionRows() : []),
    helpRow({ flag: 'json' }, 'Answer as a JSON document'),
    ...(command.startsEmulator
      ? ['', 'Every option can be set by a variable instead: --rtmp-port is OSS_LIVECHANNEL_RTMP_PORT.']
      : []),
  ].join('\n');
}
