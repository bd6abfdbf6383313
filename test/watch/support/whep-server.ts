/** A minimal server for a page that watches: it answers a posted offer. */
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { WatchableStream } from '../../../src/watch/watchable.ts';
import type { WebRtc, WebRtcViewing } from '../../../src/watch/web-rtc/web-rtc.ts';
import { listenOnFreePort } from '../../support/listen.ts';

export interface WhepServer {
  readonly url: string;
  /** All viewers, in the order of their requests. */
  readonly viewers: readonly WebRtcViewing[];
  close(): void;
}

export async function serveWhep(webRtc: WebRtc, stream: () => WatchableStream): Promise<WhepServer> {
  const viewers: WebRtcViewing[] = [];
  const server: Server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', 'content-type');
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    try {
      const offer = await text(request);
      const { answer, viewer } = await webRtc.watch({ stream: stream(), offer, video: true, audio: true });
      viewers.push(viewer);
      response.writeHead(201, { 'content-type': 'application/sdp' }).end(answer);
    } catch (error) {
      response.writeHead(400).end(String(error));
    }
  });
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    viewers,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
