/** Which official clients are tested, in which versions, and in which ways each of them is configured. */

export type Auth = 'V1' | 'V2' | 'V4';

/** The configuration of how a client puts the bucket into its requests; `default` sets nothing. */
export type Style = 'default' | 'path' | 'cname';

export interface Addressing {
  /** The name on the compatibility page. */
  readonly name: string;
  readonly host: string;
  readonly style: Style;
}

export interface SdkUnderTest {
  readonly name: string;
  readonly language: string;
  readonly version: string;
  readonly auths: readonly Auth[];
  readonly addressings: readonly Addressing[];
  /** The style that the client uses by default with an endpoint on `localhost`; on an IP address all use path style. */
  readonly localhost: 'path' | 'bucket';
  /** Operations and fields of the service that the client has no API for. */
  readonly lacks: readonly ('Snapshot' | 'GetVodPlaylist' | 'SignRtmpUrl')[];
  readonly ownTests: readonly OwnTests[];
}

/**
 * LiveChannel tests that the makers of a client wrote for it and that its package does not contain: the assertions are
 * repeated here. The suites that come with a package are run as they are (`suites/`).
 */
export interface OwnTests {
  /** In their repository. */
  readonly file: string;
}

/** The bucket of every suite. */
export const BUCKET = 'examplebucket';
export const CNAME = 'live.example.test';

const IP_PATH: Addressing = { name: '127.0.0.1, path style', host: '127.0.0.1', style: 'path' };

/** All ways; the columns of the compatibility page. */
export const ADDRESSINGS: readonly Addressing[] = [
  { name: '127.0.0.1', host: '127.0.0.1', style: 'default' },
  IP_PATH,
  { name: 'localhost', host: 'localhost', style: 'default' },
  { name: 'localhost, path style', host: 'localhost', style: 'path' },
  { name: 'oss.localhost', host: 'oss.localhost', style: 'default' },
  { name: 'oss.localhost, path style', host: 'oss.localhost', style: 'path' },
  { name: 'CNAME', host: CNAME, style: 'cname' },
];
/** On an IP address only the requests of ali-oss depend on whether path style is configured. */
const ALL_BUT_IP_PATH = ADDRESSINGS.filter((addressing) => addressing !== IP_PATH);

export const ALI_OSS: SdkUnderTest = {
  name: 'ali-oss',
  language: 'Node',
  version: '6.23.0',
  auths: ['V1', 'V4'],
  addressings: ADDRESSINGS,
  localhost: 'bucket',
  lacks: ['GetVodPlaylist'],
  ownTests: [{ file: 'test/node/rtmp.test.js' }],
};

export const OSS2: SdkUnderTest = {
  name: 'oss2',
  language: 'Python',
  version: '2.19.1',
  auths: ['V1', 'V2', 'V4'],
  addressings: ALL_BUT_IP_PATH,
  localhost: 'path',
  lacks: ['Snapshot'],
  ownTests: [],
};

export const GO_SDK: SdkUnderTest = {
  name: 'aliyun-oss-go-sdk',
  language: 'Go',
  version: 'v3.0.2',
  auths: ['V1', 'V2', 'V4'],
  addressings: ALL_BUT_IP_PATH,
  localhost: 'bucket',
  lacks: [],
  ownTests: [],
};

export const JAVA_SDK: SdkUnderTest = {
  name: 'aliyun-sdk-oss',
  language: 'Java',
  version: '3.18.5',
  auths: ['V1', 'V2', 'V4'],
  addressings: ALL_BUT_IP_PATH,
  localhost: 'path',
  lacks: ['Snapshot'],
  ownTests: [{ file: 'RtmpTest.java' }],
};

/** The second generation knows no live channels: they go through the call that it has for any operation. */
export const PYTHON_SDK_V2: SdkUnderTest = {
  name: 'alibabacloud-oss-v2',
  language: 'Python',
  version: '1.4.1',
  auths: ['V1', 'V4'],
  addressings: ALL_BUT_IP_PATH,
  localhost: 'bucket',
  lacks: ['SignRtmpUrl'],
  ownTests: [],
};

export const GO_SDK_V2: SdkUnderTest = {
  name: 'alibabacloud-oss-go-sdk-v2',
  language: 'Go',
  version: '1.6.1',
  auths: ['V1', 'V4'],
  addressings: ALL_BUT_IP_PATH,
  localhost: 'bucket',
  lacks: ['SignRtmpUrl'],
  ownTests: [],
};

export const SDKS: readonly SdkUnderTest[] = [ALI_OSS, OSS2, GO_SDK, JAVA_SDK, PYTHON_SDK_V2, GO_SDK_V2];

/** The name of the test of a client over the life cycle of a channel. */
export function lifeTitle(sdk: SdkUnderTest, auth: Auth, addressing: Addressing): string {
  return `${sdk.name} ${sdk.version}, ${auth}, ${addressing.name}: the whole life of a channel`;
}

/** The name of the suite with the tests that the makers of a client wrote. */
export function ownTestsTitle(sdk: SdkUnderTest, file: string): string {
  return `${sdk.name} ${sdk.version}, its own ${file}`;
}
