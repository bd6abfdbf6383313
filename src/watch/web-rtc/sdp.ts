/** The offer of a browser that wants to watch, and the answer to it: RFC 8866, as JSEP (RFC 9429) uses it. */

export type MediaKind = 'video' | 'audio';

export interface OfferedSection {
  /** The media type of the section: video, audio, application. */
  readonly kind: string;
  /** The rest of the `m=` line after the port; a refusal of the section repeats it. */
  readonly transport: string;
  readonly formats: string;
  readonly mid: string | undefined;
  /** The payload type of H.264 or Opus, if the browser accepts the codec. */
  readonly codec: OfferedCodec | undefined;
}

export interface OfferedCodec {
  readonly payloadType: number;
  /** profile-level-id of H.264. */
  readonly profileLevelId?: string;
}

export interface Offer {
  readonly sections: readonly OfferedSection[];
  /** The sections share one transport. */
  readonly bundled: boolean;
  readonly fingerprint: Fingerprint;
  readonly setup: string;
}

export interface Fingerprint {
  /** In the notation of Node: `sha256`. */
  readonly algorithm: string;
  /** Lower case, without colons. */
  readonly digest: string;
}

/** The track that is sent in a section. */
export interface SentTrack {
  readonly kind: MediaKind;
  readonly payloadType: number;
  readonly ssrc: number;
}

export interface SdpAnswer {
  readonly sessionId: string;
  readonly ufrag: string;
  readonly password: string;
  /** With colons. */
  readonly sha256Fingerprint: string;
  readonly cname: string;
  readonly addresses: readonly string[];
  readonly port: number;
  /** The track of each section of the offer, in its order. */
  readonly tracks: readonly (SentTrack | undefined)[];
}

/** Constrained baseline at level 3.1, which every browser decodes. Higher profiles and levels play with it too. */
const USUAL_PROFILE = '42e01f';
/** The stream id in answers of the service: its player expects "rts audio" and "rts video". */
const STREAM_ID = 'rts';

/** A browser that watches offers two. The answer has twenty lines for each. */
const MAX_SECTIONS = 32;

/** `undefined` when it is not an offer with ICE and DTLS, or has more sections than any client offers. */
export function parseOffer(text: string): Offer | undefined {
  const [session = [], ...media] = splitSections(text);
  if (session[0] !== 'v=0' || media.length > MAX_SECTIONS) return undefined;
  const all = [session, ...media].flat();
  const fingerprint = /^(\S+) +([\da-f:]+)$/i.exec(attribute(all, 'fingerprint') ?? '');
  if (!fingerprint || attribute(all, 'ice-ufrag') === undefined) return undefined;
  const [, algorithm = '', digest = ''] = fingerprint;
  return {
    sections: media.map(parseSection),
    bundled: attributes(session, 'group').some((group) => group.startsWith('BUNDLE')),
    fingerprint: {
      algorithm: algorithm.toLowerCase().replace('-', ''),
      digest: digest.toLowerCase().replaceAll(':', ''),
    },
    setup: attribute(all, 'setup') ?? 'actpass',
  };
}

/** Lines before the first `m=`, then those of each media section. */
function splitSections(text: string): readonly (readonly string[])[] {
  const sections: string[][] = [[]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections;
}

function attributes(lines: readonly string[], name: string): readonly string[] {
  const prefix = `a=${name}:`;
  return lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length).trim());
}

function attribute(lines: readonly string[], name: string): string | undefined {
  return attributes(lines, name)[0];
}

function parseSection(lines: readonly string[]): OfferedSection {
  const [, kind = '', port = '', transport = '', formats = ''] =
    /^m=(\S+) (\S+) (\S+) ?(.*)$/.exec(lines[0] ?? '') ?? [];
  // Port 0 means that the section is disabled, unless it is bundle-only. RFC 9143 clause 6.
  const isOffered = port !== '0' || lines.includes('a=bundle-only');
  const takes = isOffered && !lines.includes('a=sendonly') && !lines.includes('a=inactive');
  const codec = takes ? findCodec(kind, lines) : undefined;
  return { kind, transport, formats, mid: attribute(lines, 'mid'), codec };
}

function findCodec(kind: string, lines: readonly string[]): OfferedCodec | undefined {
  if (kind === 'audio') {
    const [payloadType] = payloadTypes(lines, /^(\d+) opus\/48000\/2$/i);
    return payloadType === undefined ? undefined : { payloadType };
  }
  if (kind !== 'video') return undefined;
  const parametersOf = formatParameters(lines);
  const formats = payloadTypes(lines, /^(\d+) H264\/90000$/i).flatMap((payloadType) => {
    const parameters = parametersOf(payloadType);
    const profileLevelId = parameters.get('profile-level-id')?.toLowerCase() ?? '42000a';
    return parameters.get('packetization-mode') === '1' ? [{ payloadType, profileLevelId }] : [];
  });
  return formats.find(({ profileLevelId }) => profileLevelId === USUAL_PROFILE) ?? formats[0];
}

function payloadTypes(lines: readonly string[], map: RegExp): readonly number[] {
  return attributes(lines, 'rtpmap').flatMap((line) => {
    const [, payloadType] = map.exec(line) ?? [];
    return payloadType === undefined ? [] : [Number(payloadType)];
  });
}

/** Gives the parameters of a payload type; the first line of it counts. */
function formatParameters(lines: readonly string[]): (payloadType: number) => ReadonlyMap<string, string> {
  const texts = new Map<number, string>();
  for (const line of attributes(lines, 'fmtp')) {
    const [, payloadType = '', text = ''] = /^(\d+) (.*)$/.exec(line) ?? [];
    if (payloadType !== '' && !texts.has(Number(payloadType))) texts.set(Number(payloadType), text);
  }
  return (payloadType) => readParameters(texts.get(payloadType) ?? '');
}

function readParameters(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(';').map((pair) => {
      const [name = '', value = ''] = pair.split('=', 2);
      return [name.trim().toLowerCase(), value.trim()];
    }),
  );
}

export function writeAnswer(offer: Offer, answer: SdpAnswer): string {
  const mids: (string | undefined)[] = [];
  const sections = offer.sections.map((section, index) => {
    const { codec, mid } = section;
    const track = answer.tracks[index];
    // A bundled section without a track is inactive, not refused: the others may share the transport of the first one,
    // and Chromium with `bundlePolicy: 'max-bundle'` accepts no answer that refuses it.
    if (!codec || !(track || offer.bundled)) return refusedSection(section);
    mids.push(mid);
    return answeredSection(section, codec, track, answer);
  });
  const lines = [
    'v=0',
    `o=- ${answer.sessionId} 1 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    ...(offer.bundled ? [`a=group:BUNDLE ${mids.join(' ')}`] : []),
    'a=ice-lite',
    `a=msid-semantic: WMS ${STREAM_ID}`,
    ...sections.flat(),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function refusedSection({ kind, transport, formats, mid }: OfferedSection): readonly string[] {
  const midLines = mid === undefined ? [] : [`a=mid:${mid}`];
  return [`m=${kind} 0 ${transport} ${formats}`, 'c=IN IP4 0.0.0.0', ...midLines, 'a=inactive'];
}

function answeredSection(
  { kind, transport, mid }: OfferedSection,
  codec: OfferedCodec,
  track: SentTrack | undefined,
  answer: SdpAnswer,
): readonly string[] {
  const [address = '127.0.0.1'] = answer.addresses;
  return [
    `m=${kind} ${answer.port} ${transport} ${codec.payloadType}`,
    `c=IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`,
    ...(mid === undefined ? [] : [`a=mid:${mid}`]),
    `a=ice-ufrag:${answer.ufrag}`,
    `a=ice-pwd:${answer.password}`,
    `a=fingerprint:sha-256 ${answer.sha256Fingerprint}`,
    'a=setup:active',
    track ? 'a=sendonly' : 'a=inactive',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecLines(kind, codec),
    ...(track ? [`a=msid:${STREAM_ID} ${kind}`, `a=ssrc:${track.ssrc} cname:${answer.cname}`] : []),
    ...answer.addresses.map((each, index) => candidate(each, answer.port, index)),
    'a=end-of-candidates',
  ];
}

function codecLines(kind: string, { payloadType, profileLevelId }: OfferedCodec): readonly string[] {
  if (kind === 'audio') {
    return [
      `a=rtpmap:${payloadType} opus/48000/2`,
      `a=fmtp:${payloadType} minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1`,
    ];
  }
  // No "nack pli": RTMP cannot request a key frame from the publisher.
  return [
    `a=rtpmap:${payloadType} H264/90000`,
    `a=fmtp:${payloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profileLevelId ?? USUAL_PROFILE}`,
    `a=rtcp-fb:${payloadType} nack`,
  ];
}

/** RFC 8445 clause 5.1.2.1: host candidates, the first one preferred. */
function candidate(address: string, port: number, index: number): string {
  const priority = 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
  return `a=candidate:${index + 1} 1 udp ${priority} ${address} ${port} typ host`;
}
