import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from '../../../src/emulator/emulator.ts';
import { certificatePath, keptCertificate } from '../../../src/net/certificate/kept.ts';
import { namesEnvironment } from '../names.ts';
import type { SuiteConditions } from './suite.ts';

const REGION = 'cn-hangzhou';
const DOMAIN = `oss-${REGION}.aliyuncs.com`;
/** Hosts of the cloud that tests name, whatever their endpoint is. */
const DOMAINS = [
  DOMAIN,
  'oss-cn-shanghai.aliyuncs.com',
  'oss-ap-south-1.aliyuncs.com',
  'oss-ap-southeast-2.aliyuncs.com',
  'oss.localhost',
  'localhost',
];
const STS_HOSTS = ['sts.aliyuncs.com', `sts.${REGION}.aliyuncs.com`];

const ACCOUNT_UID = '1234567890123456';
const ACCOUNT = { accessKeyId: 'emulator-ak', accessKeySecret: 'emulator-secret' };
/** The second account: some tests need one that is not the owner of the bucket. */
const PAYER_UID = '2000000000000001';
const PAYER = { accessKeyId: 'payer-ak', accessKeySecret: 'payer-secret', uid: PAYER_UID };
const ROLE = `acs:ram::${ACCOUNT_UID}:role/sdk-tests`;

/** Emulators that look like the cloud to a program with the variables of `environment`. */
export class Clouds {
  readonly #folder: string;
  readonly #emulators: Emulator[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Clouds> {
    const folder = await mkdtemp(join(tmpdir(), 'sdk-suites-'));
    await keptCertificate({
      folder,
      commonName: 'OSS LiveChannel emulator',
      hosts: [...DOMAINS.flatMap((domain) => [domain, `*.${domain}`]), ...STS_HOSTS, '127.0.0.1'],
      nowMs: Date.now(),
    });
    await writeFile(join(folder, 'credentials.json'), JSON.stringify([PAYER]));
    return new Clouds(folder);
  }

  /** A folder of its own for one program. */
  async workingFolder(): Promise<string> {
    return await mkdtemp(join(this.#folder, 'work-'));
  }

  /** Starts one more: tests of different programs count the buckets of the account and must not see each other's. */
  async environment({ endpoint }: SuiteConditions): Promise<NodeJS.ProcessEnv> {
    const emulator = new Emulator({
      memory: true,
      host: '127.0.0.1',
      port: 0,
      rtmpPort: undefined,
      webrtcPort: 0,
      buckets: [],
      channels: [],
      region: REGION,
      domains: DOMAINS,
      credentials: join(this.#folder, 'credentials.json'),
      tlsCert: certificatePath(this.#folder),
      tlsKey: join(this.#folder, 'key.pem'),
    });
    const { port } = await emulator.start();
    this.#emulators.push(emulator);
    return {
      ...(await namesEnvironment()),
      CLOUD_PORT: `${port}`,
      // The certificate, for Python, for the RPC library in it, and for Go.
      REQUESTS_CA_BUNDLE: certificatePath(this.#folder),
      ALIBABA_CLOUD_CA_BUNDLE: certificatePath(this.#folder),
      SSL_CERT_FILE: certificatePath(this.#folder),
      OSS_TEST_ENDPOINT: endpoint === 'domain' ? `http://${DOMAIN}` : `http://127.0.0.1:${port}`,
      OSS_TEST_REGION: REGION,
      OSS_TEST_ACCESS_KEY_ID: ACCOUNT.accessKeyId,
      OSS_TEST_ACCESS_KEY_SECRET: ACCOUNT.accessKeySecret,
      OSS_TEST_UID: ACCOUNT_UID,
      OSS_TEST_ACCOUNT_ID: ACCOUNT_UID,
      OSS_TEST_RAM_UID: ACCOUNT_UID,
      OSS_TEST_RAM_ROLE_ARN: ROLE,
      OSS_TEST_KMS_REGION: REGION,
      OSS_TEST_KMS_ID: 'emulator-kms-key',
      OSS_TEST_STS_ID: ACCOUNT.accessKeyId,
      OSS_TEST_STS_KEY: ACCOUNT.accessKeySecret,
      OSS_TEST_STS_ARN: ROLE,
      // The second account, under the names of the Python and of the Go suite.
      OSS_TEST_PAYER_UID: PAYER_UID,
      OSS_TEST_PAYER_ACCESS_KEY_ID: PAYER.accessKeyId,
      OSS_TEST_PAYER_ACCESS_KEY_SECRET: PAYER.accessKeySecret,
      OSS_CREDENTIAL_UID: PAYER_UID,
      OSS_CREDENTIAL_KEY_ID: PAYER.accessKeyId,
      OSS_CREDENTIAL_KEY_SECRET: PAYER.accessKeySecret,
      // A test of the Go suite reads its key from these.
      OSS_ACCESS_KEY_ID: ACCOUNT.accessKeyId,
      OSS_ACCESS_KEY_SECRET: ACCOUNT.accessKeySecret,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#emulators.map((emulator) => emulator.stop()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
