import { httpOrigin, rtmpOrigin } from '../aliyun/endpoint.ts';
import type { Emulator } from '../emulator/emulator.ts';

interface EnvironmentVariable {
  readonly name: string;
  readonly help: string;
  readonly read: (emulator: Emulator) => string;
}

const origin = ({ control }: Emulator) => httpOrigin(control.urls.base);

/** What programs beside an emulator are told, under its names and under those that the credential providers of the SDKs read. */
export const ENVIRONMENT: readonly EnvironmentVariable[] = [
  { name: 'OSS_ENDPOINT', help: 'For SDKs: http://host:port', read: origin },
  { name: 'OSS_REGION', help: 'Region of the buckets', read: ({ config }) => config.region },
  { name: 'OSS_BUCKET', help: 'The first bucket', read: ({ config }) => config.buckets[0]?.name ?? '' },
  { name: 'OSS_ACCESS_KEY_ID', help: 'The access key', read: ({ config }) => config.accessKeyId },
  { name: 'OSS_ACCESS_KEY_SECRET', help: 'Its secret', read: ({ config }) => config.accessKeySecret },
  { name: 'OSS_LIVECHANNEL_URL', help: 'The same as OSS_ENDPOINT, for the commands here', read: origin },
  {
    name: 'OSS_LIVECHANNEL_RTMP_URL',
    help: 'Up to the application: rtmp://host:port',
    read: ({ control }) => rtmpOrigin(control.urls.base),
  },
  {
    name: 'OSS_LIVECHANNEL_CONTROL_URL',
    help: 'Of the control API',
    read: (emulator) => `${origin(emulator)}/_emulator`,
  },
];

export function environmentOf(emulator: Emulator): Readonly<Record<string, string>> {
  return Object.fromEntries(ENVIRONMENT.map(({ name, read }) => [name, read(emulator)]));
}
