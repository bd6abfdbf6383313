/** A minimal WHEP viewer, for pages of tests and measurements. */

/** Plays a stream, and reports the time from the request to the answer and to the first picture. */
globalThis.watch = async (url, kinds = ['video', 'audio']) => {
  const connection = new RTCPeerConnection();
  const video = document.createElement('video');
  video.autoplay = true;
  video.srcObject = new MediaStream();
  document.body.append(video);
  connection.addEventListener('track', ({ track }) => video.srcObject.addTrack(track));
  for (const kind of kinds) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription(await connection.createOffer());
  const startMs = performance.now();
  const body = connection.localDescription.sdp;
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body });
  const sdp = await response.text();
  if (response.status !== 201) throw new Error(`${response.status} ${sdp}`);
  const answerMs = performance.now() - startMs;
  const firstFrame = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  await connection.setRemoteDescription({ type: 'answer', sdp });
  await firstFrame;
  Object.assign(globalThis, { connection, video });
  return { answerMs, firstFrameMs: performance.now() - startMs };
};

/** The statistics so far. */
globalThis.received = async () => {
  const reports = [...(await globalThis.connection.getStats()).values()];
  const of = (kind) => reports.find((report) => report.type === 'inbound-rtp' && report.kind === kind);
  return { video: of('video'), audio: of('audio') };
};

/** The statistics when they first fulfill a condition. */
globalThis.receivedOnce = async (condition) => {
  for (;;) {
    const reports = await globalThis.received();
    if (condition(reports)) return reports;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
};

/** The other side has ended the connection. */
globalThis.closedByServer = () => {
  const { transport } = globalThis.connection.getReceivers()[0];
  return new Promise((resolve) => {
    const look = () => transport.state === 'closed' && resolve();
    transport.addEventListener('statechange', look);
    look();
  });
};

/** The age of the next `count` pictures, in milliseconds, by the time that is drawn into them. */
globalThis.pictureAges = (count, bits, blockPx) => {
  const { video } = globalThis;
  const canvas = new OffscreenCanvas(bits * blockPx, blockPx);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const ages = [];
  return new Promise((resolve) => {
    const look = () => {
      const nowMs = Date.now();
      context.drawImage(video, 0, 0);
      const { data } = context.getImageData(0, blockPx / 2, bits * blockPx, 1);
      let drawnMs = 0;
      for (let bit = 0; bit < bits; bit++) {
        drawnMs = drawnMs * 2 + (data[(bit * blockPx + blockPx / 2) * 4] > 127 ? 1 : 0);
      }
      ages.push((nowMs % 2 ** bits) - drawnMs);
      if (ages.length === count) resolve(ages);
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
};
