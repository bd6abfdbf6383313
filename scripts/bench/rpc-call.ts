import { type Agent, request } from 'node:http';
import { signedQuery } from '../../test/live/signed-call.ts';

export interface RpcAnswer {
  readonly status: number;
  readonly text: string;
}

/** A call of ApsaraVideo Live, signed as it is sent. Resolves to the whole answer, whatever its status. */
export function callRpc(port: number, parameters: Readonly<Record<string, string>>, agent: Agent): Promise<RpcAnswer> {
  const path = `/?${signedQuery(Date.now(), parameters)}`;
  return new Promise((resolve, reject) => {
    request({ port, path, agent, host: '127.0.0.1' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end();
  });
}
