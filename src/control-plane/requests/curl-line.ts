import { shellWord } from '../../base/shell-word.ts';
import type { KeptRequest } from './kept-requests.ts';

/** Stands for the body, where the log does not have it. */
export const BODY_FILE = 'BODY_FILE';

/** A shell command that makes the request again. @param url signed, for the method and the headers of the request */
export function curlLine({ method, headers, body }: KeptRequest, url: string): string {
  const options = [
    ...methodOption(method),
    ...[...headers].map(([name, value]) => `-H ${shellWord(`${name}: ${value}`)}`),
    ...(body.state === 'kept' ? [`--data-binary ${shellWord(body.text)}`] : []),
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
