import { UsageError } from '../../base/errors.ts';
import { unknownName } from '../../base/nearest.ts';
import { completionScript, SHELLS } from '../completion.ts';
import { type Command, type CommandContext, EXIT, oneOperand } from './command.ts';

/** @param commands with this one among them */
export function createCompletionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    operands: 'SHELL',
    summary: `Print a script that completes commands: ${SHELLS.join(', ')}`,
    options: [],

    async run(context: CommandContext) {
      const name = oneOperand(context, `Name the shell: oss-livechannel-emulator completion ${SHELLS.join('|')}.`);
      const shell = SHELLS.find((known) => known === name);
      if (!shell) throw new UsageError(`${unknownName('shell', name, SHELLS).replace(/^u/, 'U')}.`);
      context.out(completionScript(shell, commands()));
      return EXIT.ok;
    },
  };
}
