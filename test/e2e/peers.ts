/** Publishers of which the test controls every message. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { encodeChunks } from '../../src/rtmp/chunks.ts';
import { RtmpPublisher } from '../../src/rtmp/client.ts';
import { command } from '../../src/rtmp/commands.ts';
import type { ControlMessage, SentMessages } from './flv-tags.ts';

/** The message stream id in every test: the first stream of a connection. */
const MESSAGE_STREAM_ID = 1;
/** Of the commands of the connection. */
const CONTROL_CHUNK_STREAM_ID = 3;
/** A command that is answered in every state of the session: its answer shows that everything before it was handled. */
const QUESTION = '_checkbw';
const LARGE_CHUNKS_BYTES = 65_536;

export interface Peer {
  readonly publisher: RtmpPublisher;
  readonly socket: Socket;
  /** `ip:port` as the emulator sees it. */
  readonly address: string;
  /** Sends messages and resolves when the emulator has handled all of them. */
  send(messages: SentMessages): Promise<void>;
  /** Sends one command and nothing else. */
  say(name: string, ...args: readonly (string | number | null)[]): void;
}

/** Publishes; the connection is closed at the end of the test. */
export async function publishAsPeer(url: string): Promise<Peer> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const publisher = await RtmpPublisher.publish(url, { socket });
  const say: Peer['say'] = (name, ...args) => {
    socket.write(encodeChunks(command(name, 99, [null, ...args], MESSAGE_STREAM_ID), LARGE_CHUNKS_BYTES));
  };
  return {
    publisher,
    socket,
    say,
    address: `${socket.localAddress}:${socket.localPort}`,
    async send(messages) {
      for (const message of messages) {
        if (message.kind === 'control') socket.write(encodeControl(message));
        else if (!publisher.send(message)) await publisher.drained();
      }
      const answered = once(socket, 'data');
      say(QUESTION);
      await Promise.race([answered, publisher.closed.then((error) => Promise.reject(error))]);
    },
  };
}

function encodeControl({ typeId, payload }: ControlMessage): Buffer {
  const message = { chunkStreamId: CONTROL_CHUNK_STREAM_ID, typeId, messageStreamId: 0, timestampMs: 0, payload };
  return encodeChunks(message, LARGE_CHUNKS_BYTES);
}
