import { MARK_HEADER } from '../../../src/control-plane/admin/answer-mark.ts';

/** As below `/_emulator/`: an answer without the mark would be that of something between. */
export function emulatorAnswer(
  body: ConstructorParameters<typeof Response>[0],
  { headers, ...init }: ResponseInit = {},
): Response {
  const marked = new Headers(headers);
  marked.set(MARK_HEADER, 'oss-livechannel');
  return new Response(body, { ...init, headers: marked });
}
