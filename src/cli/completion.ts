/** Scripts that complete a command line, made of the table of the commands. */
import type { DescribedFlag, FlagSpec } from './command-line.ts';
import type { Command } from './commands/command.ts';
import { flagsOf } from './flags-of.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

const PROGRAM = 'oss-livechannel-emulator';
/** Its other name, where the package is installed. */
const SHORT = 'oss-livechannel';
/** Values that are names of files. */
const FILES = ['FILE', 'FOLDER', 'PATH'];

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

/** What may follow a command besides its options. */
function operandsOf({ name, operands }: Command): 'files' | 'shells' | 'nothing' {
  if (name === 'completion') return 'shells';
  return operands === undefined || operands.startsWith('--') ? 'nothing' : 'files';
}

function takesFile({ argument }: FlagSpec): boolean {
  return argument !== undefined && FILES.includes(argument);
}

/** Source: Bash Reference Manual, Programmable Completion. */
function bash(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const cases = commands.map((command) => {
    const flags = flagsOf(command);
    const words = flags.map(({ flag }) => `--${flag}`).join(' ');
    const valued = flags.filter((flag) => flag.argument !== undefined && !takesFile(flag));
    const files = flags.filter(takesFile);
    const operands = { files: 'files=1', shells: `words="${SHELLS.join(' ')}"`, nothing: ':' }[operandsOf(command)];
    return [
      `    ${command.name})`,
      `      flags="${words}"`,
      `      files_after="${files.map(({ flag }) => `--${flag}`).join(' ')}"`,
      `      values_after="${valued.map(({ flag }) => `--${flag}`).join(' ')}"`,
      `      ${operands}`,
      '      ;;',
    ].join('\n');
  });
  return `# ${PROGRAM} for bash: source <(${PROGRAM} completion bash)
_oss_livechannel() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="" command="start" flags="" files_after="" values_after="" words="" files=""
  ((COMP_CWORD > 0)) && before="\${COMP_WORDS[COMP_CWORD-1]}"
  if ((COMP_CWORD > 1)) && [[ "\${COMP_WORDS[1]}" != -* ]]; then
    command="\${COMP_WORDS[1]}"
  elif ((COMP_CWORD == 1)) && [[ "$word" != -* ]]; then
    COMPREPLY=($(compgen -W "${names}" -- "$word"))
    return
  fi
  # Behind -- is the command of exec.
  local index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ "\${COMP_WORDS[index]}" == "--" ]]; then
      COMPREPLY=($(compgen -c -f -- "$word"))
      return
    fi
  done
  case "$command" in
${cases.join('\n')}
    *) return ;;
  esac
  if [[ " $files_after " == *" $before "* ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  elif [[ " $values_after " == *" $before "* ]]; then
    COMPREPLY=()
  elif [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -n "$files" ]]; then
    COMPREPLY=($(compgen -f -- "$word"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$word"))
  fi
}
complete -o filenames -F _oss_livechannel ${PROGRAM} ${SHORT}`;
}

/** Source: zshcompsys(1), _arguments and _describe. */
function zsh(commands: readonly Command[]): string {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`);
  const cases = commands.map((command) => {
    const specs = flagsOf(command).map((flag) => `        ${quoted(zshFlag(flag))}`);
    const operands = {
      files: [`        '*:file:_files'`],
      shells: [`        '1:shell:(${SHELLS.join(' ')})'`],
      nothing: [],
    }[operandsOf(command)];
    const rest = command.operands?.startsWith('--') ? [`        '*::command:_normal'`] : [];
    return [
      `    ${command.name})`,
      '      _arguments -s \\',
      [...specs, ...operands, ...rest].join(' \\\n'),
      '      ;;',
    ].join('\n');
  });
  return `#compdef ${PROGRAM} ${SHORT}
# ${PROGRAM} for zsh: source <(${PROGRAM} completion zsh), after compinit
_oss_livechannel() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if ((CURRENT == 2)) && [[ "$PREFIX" != -* ]]; then
    _describe command commands
    return
  fi
  local command="$words[2]"
  if [[ "$command" == -* ]]; then
    command=start
  else
    shift words
    ((CURRENT--))
  fi
  case "$command" in
${cases.join('\n')}
  esac
}
compdef _oss_livechannel ${PROGRAM} ${SHORT}`;
}

function zshFlag(flag: DescribedFlag): string {
  const help = flag.help.replaceAll('[', '(').replaceAll(']', ')').replaceAll(':', '\\:');
  const action = takesFile(flag) ? '_files' : ' ';
  const value = flag.argument === undefined ? '' : `:${flag.argument.replaceAll(':', '\\:')}:${action}`;
  return `*--${flag.flag}[${help}]${value}`;
}

/** Source: fish documentation, complete. */
function fish(commands: readonly Command[]): string {
  const named = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap((command) => {
    const isIt =
      command.name === 'start'
        ? `"not __fish_seen_subcommand_from ${named}; or __fish_seen_subcommand_from start"`
        : `"__fish_seen_subcommand_from ${command.name}"`;
    const own = [
      `complete -c ${PROGRAM} -n "not __fish_seen_subcommand_from ${named}" -a ${command.name} -d ${quoted(command.summary)}`,
      ...flagsOf(command).map((flag) => `complete -c ${PROGRAM} -n ${isIt} ${fishFlag(flag)}`),
    ];
    const operands = {
      files: [`complete -c ${PROGRAM} -n ${isIt} -F`],
      shells: [`complete -c ${PROGRAM} -n ${isIt} -a "${SHELLS.join(' ')}"`],
      nothing: [],
    }[operandsOf(command)];
    return [...own, ...operands];
  });
  return [
    `# ${PROGRAM} for fish: ${PROGRAM} completion fish | source`,
    `complete -c ${PROGRAM} -f`,
    ...lines,
    `complete -c ${SHORT} -w ${PROGRAM}`,
  ].join('\n');
}

function fishFlag(flag: DescribedFlag): string {
  const value = flag.argument === undefined ? '' : takesFile(flag) ? ' -r -F' : ' -x';
  return `-l ${flag.flag}${value} -d ${quoted(flag.help)}`;
}

/** For a shell; none of the texts has a backslash that means something. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
