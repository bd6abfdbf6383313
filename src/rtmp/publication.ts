/** One publish, from its command to the end of its push, and by what later messages of the peer name it. */
import type { RtmpCommand } from './commands.ts';

export interface RtmpPublication {
  readonly messageStreamId: number;
  readonly streamName: string;
  /** Nothing more may be taken from the peer. */
  isPaused: boolean;
}

/** Message stream 0 carries no media of its own: senders that use it mean the stream that publishes. */
export function isOfPublication(messageStreamId: number, publication: RtmpPublication): boolean {
  return messageStreamId === publication.messageStreamId || messageStreamId === 0 || publication.messageStreamId === 0;
}

/** FCUnpublish names the stream by its name, deleteStream by an argument, closeStream by its own message stream. */
export function endsPublication(
  { name, args: [stream], messageStreamId }: Pick<RtmpCommand, 'name' | 'args' | 'messageStreamId'>,
  publication: RtmpPublication,
): boolean {
  if (name === 'FCUnpublish') {
    const isNamed = typeof stream === 'string' && stream !== '';
    return !isNamed || baseName(stream) === baseName(publication.streamName);
  }
  if (name === 'deleteStream') return stream === publication.messageStreamId;
  return isOfPublication(messageStreamId, publication);
}

/** Senders divide the address in one way for `publish` and in another for `FCUnpublish`: path and query need not be there. */
function baseName(streamName: string): string {
  const [path = ''] = streamName.split('?', 1);
  return path.slice(path.lastIndexOf('/') + 1);
}
