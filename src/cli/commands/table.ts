import { OPTIONS } from '../../config/config.ts';
import { CONFIG_FLAGS, type FlagSpec, helpRow, optionRows } from '../command-line.ts';
import { backupCommand } from './backup-command.ts';
import { channelsCommand } from './channels-command.ts';
import type { Command } from './command.ts';
import { createCompletionCommand } from './completion-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { execCommand } from './exec-command.ts';
import { exportCommand } from './export-command.ts';
import { importCommand } from './import-command.ts';
import { logsCommand } from './logs-command.ts';
import { publishCommand } from './publish-command.ts';
import { resetCommand } from './reset-command.ts';
import { roomCommand } from './room-command.ts';
import { seedCommand } from './seed-command.ts';
import { signCommand } from './sign-command.ts';
import { startCommand } from './start-command.ts';
import { vodCommand } from './vod-command.ts';
import { waitCommand } from './wait-command.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  publishCommand,
  signCommand,
  roomCommand,
  channelsCommand,
  vodCommand,
  logsCommand,
  waitCommand,
  resetCommand,
  seedCommand,
  exportCommand,
  importCommand,
  backupCommand,
  execCommand,
  doctorCommand,
  createCompletionCommand(() => COMMANDS),
];

/** The options that a new user needs first; `start --help` lists all of them. */
const FIRST_OPTIONS: readonly (readonly [FlagSpec, string])[] = [
  [OPTIONS.port, 'Port for REST, playback and RTMP [9000]'],
  [OPTIONS.memory, 'Keep everything in memory'],
];

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
    ...(command.startsEmulator
      ? [...CONFIG_FLAGS.map((flag) => helpRow(flag, flag.help)), ...optionRows(command.defaults)]
      : []),
    helpRow({ flag: 'json' }, 'Answer as a JSON document, also an error (on stderr)'),
    ...(command.startsEmulator
      ? [
          '',
          'Every option can be set by a variable instead: --rtmp-port is OSS_LIVECHANNEL_RTMP_PORT,',
          'or in the file of --config: "rtmpPort".',
        ]
      : []),
    ...(command.notes ? ['', ...command.notes] : []),
  ].join('\n');
}
