/**
 * Watching over WebRTC by WHEP (draft-ietf-wish-whep): one offer posted, one answer back, and a DELETE at the end. The
 * server listens at an address that its answer names, so no candidate of ours need be waited for.
 */

export type WatchState =
  | { readonly is: 'connecting' | 'playing' }
  /** The server closed the connection, or it broke. */
  | { readonly is: 'ended' }
  /** It could not begin; the reason is for the person at the page. */
  | { readonly is: 'refused'; readonly reason: string };

const NO_H264 = 'This browser plays no H.264 over WebRTC.';

/** Shows a stream in a video element. Returns what ends it. */
export function watchLive(url: string, video: HTMLVideoElement, onState: (state: WatchState) => void): () => void {
  const connection = new RTCPeerConnection();
  const media = new MediaStream();
  let session: string | undefined;
  let isLeft = false;
  const tell = (state: WatchState) => {
    if (!isLeft) onState(state);
  };
  connection.ontrack = ({ track, receiver: { transport } }) => {
    media.addTrack(track);
    // The connection itself hears of its end seconds later.
    if (transport) transport.onstatechange = () => transport.state === 'closed' && tell({ is: 'ended' });
    // Browsers may forbid it until somebody has clicked; muted, they do not.
    video.play().catch(() => {});
  };
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === 'connected') tell({ is: 'playing' });
    if (['failed', 'closed', 'disconnected'].includes(connection.connectionState)) tell({ is: 'ended' });
  };
  video.srcObject = media;
  tell({ is: 'connecting' });
  const begun = begin(url, connection).then(
    (location) => {
      session = location;
    },
    (error) => tell({ is: 'refused', reason: error instanceof Error ? error.message : String(error) }),
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

/** Resolves to where the session is ended. */
async function begin(url: string, connection: RTCPeerConnection): Promise<string> {
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  await connection.setLocalDescription();
  const offer = connection.localDescription?.sdp ?? '';
  if (!/ H264\//i.test(offer)) throw new Error(NO_H264);
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: offer });
  const text = await response.text();
  if (!response.ok) throw new Error(text.trim());
  await connection.setRemoteDescription({ type: 'answer', sdp: text });
  return new URL(response.headers.get('location') ?? '', url).href;
}

/** Outlives the page. What cannot be reached has ended. */
async function end(session: string | undefined): Promise<void> {
  if (session === undefined) return;
  await fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
}
