import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../src/http/body.ts';
import { listenDuringTest } from '../support/listen.ts';

function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<number> {
  return listenDuringTest(createServer(answer));
}

describe('readBody', () => {
  it.each([
    ['of the largest size', '12345678', '12345678'],
    ['that is empty', '', ''],
    ['that is larger', '123456789', 'too large'],
  ])('reads a body %s, with and without its length', async (_, body, expected) => {
    const port = await serve(async (request, response) => {
      const bytes = await readBody(request, 8);
      request.resume();
      response.end(bytes ?? 'too large');
    });
    const url = `http://127.0.0.1:${port}/`;
    const whole = await fetch(url, { method: 'POST', body });
    const stream = new Blob([body]).stream();
    const inPieces = await fetch(url, { method: 'POST', body: stream, duplex: 'half' });
    expect([await whole.text(), await inPieces.text()]).toEqual([expected, expected]);
  });

  it('fails with IncompleteBody, or as the caller says, when the client leaves', async () => {
    const errorOf = (incomplete?: (reason: string) => Error) =>
      new Promise<unknown>((resolve) => {
        void serve((request) => {
          readBody(request, 8, incomplete).catch(resolve);
          request.socket.destroy();
        }).then((port) => {
          const socket = connect(port, '127.0.0.1').on('error', () => {});
          socket.write('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n1234');
        });
      });
    expect(await errorOf()).toMatchObject({ name: 'IncompleteBody', code: 'IncompleteBody' });
    const own = await errorOf((reason) => new RangeError(reason));
    expect(own).toEqual(new RangeError('the connection ended within the body: aborted'));
  });
});
