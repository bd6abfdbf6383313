/** Debian's Chromium without a window, as a viewer. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

export const CHROMIUM_PATH = '/usr/bin/chromium';

/** No sandbox, because CI runs as root; and no requests to other hosts. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // A container may have no network but the loopback interface, which browsers do not use for media otherwise.
  '--allow-loopback-in-peer-connection',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export function isChromiumThere(): boolean {
  return existsSync(CHROMIUM_PATH);
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM_PATH, args: FLAGS });
}

/** What a browser has received of a stream so far. */
export interface Watched {
  /** State of its DTLS transport. */
  readonly connection: string;
  readonly framesDecoded: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Above 0: it was not silent. */
  readonly audioEnergy: number;
  readonly packetsLost: number;
}

/** Runs in the page: remembers every connection, and can watch by WHEP. */
const PAGE_SCRIPT = `
  const peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...rest) { super(...rest); peers.push(this); }
  };
  window.playWhep = async (url) => {
    const peer = new RTCPeerConnection();
    const video = document.body.appendChild(document.createElement('video'));
    video.autoplay = true;
    video.srcObject = new MediaStream();
    peer.ontrack = ({ track }) => video.srcObject.addTrack(track);
    peer.addTransceiver('video', { direction: 'recvonly' });
    peer.addTransceiver('audio', { direction: 'recvonly' });
    await peer.setLocalDescription();
    const response = await fetch(url, {
      method: 'POST', headers: { 'content-type': 'application/sdp' }, body: peer.localDescription.sdp,
    });
    const text = await response.text();
    if (response.status !== 201) return { status: response.status, text };
    await peer.setRemoteDescription({ type: 'answer', sdp: text });
    return { status: response.status, location: new URL(response.headers.get('location'), url).href };
  };
  window.playRts = async (url) => {
    const client = AliRTS.createClient({ trackLog: false });
    const stream = await client.subscribe(url);
    const video = document.body.appendChild(document.createElement('video'));
    stream.play(video);
  };
  window.watched = async () => {
    const peer = peers.at(-1);
    // The connection itself says that it is closed seconds after its transport does.
    const transport = peer?.getReceivers().find((receiver) => receiver.transport)?.transport;
    const seen = { connection: transport?.state ?? 'none', framesDecoded: 0, widthPx: 0, heightPx: 0, audioEnergy: 0, packetsLost: 0 };
    for (const stat of (await peer?.getStats())?.values() ?? []) {
      if (stat.type !== 'inbound-rtp') continue;
      seen.packetsLost += stat.packetsLost;
      if (stat.kind === 'audio') seen.audioEnergy = stat.totalAudioEnergy ?? 0;
      else Object.assign(seen, { framesDecoded: stat.framesDecoded, widthPx: stat.frameWidth ?? 0, heightPx: stat.frameHeight ?? 0 });
    }
    return seen;
  };
`;

/** A page that can watch. */
export interface ViewerPage {
  readonly page: Page;
  /** Posts an offer; resolves to the status, and to where the session can be deleted or why there is none. */
  playWhep(url: string): Promise<{ readonly status: number; readonly location?: string; readonly text?: string }>;
  /** By the RTS SDK, which must have been added to the page. @param url `artc://...` */
  playRts(url: string): Promise<void>;
  /** Of the latest connection. */
  watched(): Promise<Watched>;
  /** Resolves when the received media fulfill the condition. */
  waitUntil(fits: (watched: Watched) => boolean, timeoutMs?: number): Promise<Watched>;
}

/** @param origin a page of it is opened, so that requests have an origin; it stands for a page that may run scripts */
export async function openViewerPage(browser: Browser, origin: string): Promise<ViewerPage> {
  const page = await browser.newPage({ bypassCSP: true });
  await page.goto(origin);
  await page.addScriptTag({ content: PAGE_SCRIPT });
  const watched = (): Promise<Watched> => page.evaluate('watched()');
  return {
    page,
    playWhep: (url) => page.evaluate(`playWhep(${JSON.stringify(url)})`),
    playRts: (url) => page.evaluate(`playRts(${JSON.stringify(url)})`),
    watched,
    async waitUntil(fits, timeoutMs = 45_000) {
      const deadlineMs = Date.now() + timeoutMs;
      for (;;) {
        const seen = await watched();
        if (fits(seen)) return seen;
        if (Date.now() > deadlineMs) throw new Error(`after ${timeoutMs} ms: ${JSON.stringify(seen)}`);
        // Nothing can change before the next frame of the page.
        await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
      }
    },
  };
}
