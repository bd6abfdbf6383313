/**
 * Watching over WebRTC by WHEP (draft-ietf-wish-whep): the offer is posted, the response is the answer, and a DELETE ends
 * the session. The answer names the address of the server, so the offer does not wait for candidates of the browser.
 */
import { type Contact, LIMITS } from '../contact.ts';

export type WatchState =
  | { readonly is: 'connecting' | 'playing' }
  /** The server closed the connection, or it broke. */
  | { readonly is: 'ended' }
  /** It could not begin; the reason is shown to the user. */
  | { readonly is: 'refused'; readonly reason: string };

const NO_H264 = 'This browser plays no H.264 over WebRTC.';

/** Shows a stream in a video element. Returns the function that ends it. */
export function watchByWhep(
  url: string,
  video: HTMLVideoElement,
  contact: Contact,
  onState: (state: WatchState) => void,
): () => void {
  const connection = new RTCPeerConnection();
  const media = new MediaStream();
  let session: string | undefined;
  let isLeft = false;
  const setState = (state: WatchState) => {
    if (!isLeft) onState(state);
  };
  connection.ontrack = ({ track, receiver: { transport } }) => {
    media.addTrack(track);
    // The connection itself reports its end seconds later.
    if (transport) transport.onstatechange = () => transport.state === 'closed' && setState({ is: 'ended' });
    // A browser may forbid it before the first click, but not for a muted video.
    video.play().catch(() => {});
  };
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === 'connected') setState({ is: 'playing' });
    if (['failed', 'closed', 'disconnected'].includes(connection.connectionState)) setState({ is: 'ended' });
  };
  video.srcObject = media;
  setState({ is: 'connecting' });
  const begun = begin(url, connection, contact).then(
    (location) => {
      session = location;
    },
    (error) => setState({ is: 'refused', reason: error instanceof Error ? error.message : String(error) }),
  );
  const leave = () => {
    isLeft = true;
    video.srcObject = null;
    removeEventListener('pagehide', leave);
    begun.then(() => end(session)).finally(() => connection.close());
  };
  addEventListener('pagehide', leave);
  return leave;
}

/** Resolves to the URL that ends the session. */
async function begin(url: string, connection: RTCPeerConnection, contact: Contact): Promise<string> {
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  await connection.setLocalDescription();
  const offer = connection.localDescription?.sdp ?? '';
  if (!/ H264\//i.test(offer)) throw new Error(NO_H264);
  const headers = { 'content-type': 'application/sdp' };
  const response = await contact.answer(LIMITS.question, (signal) =>
    fetch(url, { method: 'POST', headers, body: offer, signal }),
  );
  const text = await contact.text(LIMITS.question, response);
  if (!response.ok) throw new Error(text.trim());
  await connection.setRemoteDescription({ type: 'answer', sdp: text });
  return new URL(response.headers.get('location') ?? '', url).href;
}

/** The request is sent even when the page is closed. A server that cannot be reached has ended the session. */
async function end(session: string | undefined): Promise<void> {
  if (session === undefined) return;
  await fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
}
