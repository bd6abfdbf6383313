import { shellWord } from '../../base/shell-word.ts';
import type { KeptRequest } from './kept-requests.ts';

/** Stands for the body, where the log does not have it. */
export const BODY_FILE = 'BODY_FILE';

/** A shell command that makes the request again. @param url signed, for the method and the headers of the request */
export function curlLine({ method, headers, body }: KeptRequest, url: string): string {
  // `--data-binary` takes a body that begins with an at sign for the name of a file, and a header without a value for none.
  const options = [
    ...methodOption(method),
    ...[...headers].map(([name, value]) => `-H ${shellWord(value === '' ? `${name};` : `${name}: ${value}`)}`),
    ...(body.state === 'kept' ? [`--data-raw ${shellWord(body.text)}`] : []),
    ...(body.state === 'dropped' ? [`--data-binary @${BODY_FILE}`] : []),
  ];
  // Of its own accord curl says that a body is a form, and the type of a body is signed.
  if (body.state !== 'none' && !headers.has('content-type')) options.push("-H 'content-type:'");
  return ['curl', ...options, shellWord(url)].join(' ');
}

function methodOption(method: string): readonly string[] {
  if (method === 'GET') return [];
  return method === 'HEAD' ? ['-I'] : [`-X ${method}`];
}
