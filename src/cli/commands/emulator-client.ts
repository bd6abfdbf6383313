import { parseJson } from '../../base/encoded-json.ts';
import { hasErrorCode } from '../../base/error-code.ts';
import { causeText } from '../../base/error-text.ts';
import { UsageError } from '../../base/errors.ts';
import { mayHaveSecret, redact } from '../../base/redact.ts';
import { API, type Api } from '../../control-plane/admin/control-api.ts';
import type { AnswerOf, Route } from '../../control-plane/admin/route.ts';
import { type CommandContext, type CommandOption, flagValue } from './command.ts';

export const URL_OPTION: CommandOption = {
  flag: 'url',
  argument: 'URL',
  help: 'The emulator [OSS_LIVECHANNEL_URL, or http://127.0.0.1:9000]',
};

const DEFAULT_URL = 'http://127.0.0.1:9000';

/** No emulator answers at the URL. */
export class NoEmulator extends Error {}

/** The emulator refused the call, or the push cannot begin; the message is the reason. */
export class Refused extends Error {}

/** @throws UsageError when `--url` is not a URL */
function emulatorUrl(context: CommandContext): string {
  const url = flagValue(context, 'url') ?? (context.environment.OSS_LIVECHANNEL_URL || DEFAULT_URL);
  if (!URL.canParse(url)) {
    throw new UsageError(`--url must be a URL like ${DEFAULT_URL}${mayHaveSecret(url) ? '' : `, not "${url}"`}.`);
  }
  return url.replace(/\/$/, '');
}

/**
 * One call of the control API.
 * @param path that of the route, with its parameters filled in
 * @throws NoEmulator when no emulator answers at the URL
 * @throws Refused when the emulator refuses the call
 */
export async function call<Name extends keyof Api>(
  context: CommandContext,
  name: Name,
  body?: unknown,
  path: string = API[name].path,
): Promise<AnswerOf<Api[Name]>> {
  const url = emulatorUrl(context);
  const { method }: Route = API[name];
  const response = await send(`${url}/_emulator${path}`, method, body);
  const text = await response.text();
  const document = parseJson(text);
  if (document === undefined) {
    throw new NoEmulator(`What answers at ${redact(url)} is not this emulator, or it was started with --no-admin.`);
  }
  if (!response.ok) throw new Refused(reasonOf(document) ?? `${response.status} ${text}`);
  // The cast: the emulator answers as the table says.
  return document as AnswerOf<Api[Name]>;
}

async function send(url: string, method: string, body: unknown): Promise<Response> {
  try {
    return await fetch(url, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  } catch (error) {
    const { origin } = new URL(url);
    const why = redact(causeText(error));
    // It was accepted, and closed without an answer.
    if (error instanceof Error && hasErrorCode(error.cause, 'ECONNRESET', 'UND_ERR_SOCKET')) {
      throw new NoEmulator(
        `What listens at ${origin} closed the connection without an answer (${why}). If it is an emulator with --proxy-protocol for this machine, it expects a PROXY header first: leave this machine out of the option, or name another address with --url.`,
      );
    }
    throw new NoEmulator(`No emulator answers at ${origin} (${why}); start one, or name it with --url.`);
  }
}

function reasonOf(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || !('error' in document)) return undefined;
  return String(document.error);
}
