/** The whole test suites that the makers of the SDKs publish with them, as one run gives them. */

/** `domain` is the name of the service in its region, which leads to the emulator; `ip` is 127.0.0.1 with the port. */
export const ENDPOINTS = ['domain', 'ip'] as const;
export type SuiteEndpoint = (typeof ENDPOINTS)[number];

export const SIGNATURES = ['V1', 'V4'] as const;
export type SuiteSignature = (typeof SIGNATURES)[number];

export interface SuiteConditions {
  readonly endpoint: SuiteEndpoint;
  readonly signature: SuiteSignature;
}

/** What became of one test. */
export interface Verdict {
  readonly name: string;
  /** Why it failed, as the test said it; undefined when it passed. */
  readonly failure: string | undefined;
  /** Operations that the emulator answered with NotImplemented during the test. */
  readonly refused: readonly string[];
}

/** Tests of a suite that are left out, and why. What `shows` it is in the failure of every one of them. */
export type LeftOut = {
  readonly tests: readonly string[];
  /** Left out under these conditions only. */
  readonly when?: Partial<SuiteConditions>;
} & Reason;

type Reason =
  /**
   * An operation of one of the families of `not-served.ts`. That it was refused is known from the answer; where the test
   * tells of the answer only that it is not the expected one, from what `shows` it.
   */
  | { readonly kind: 'operation'; readonly family: string; readonly shows?: string }
  /** A service that is not OSS, with the host at which the test asks for it. */
  | { readonly kind: 'service'; readonly service: string; readonly shows: string }
  /** What the machine would have to be, or to have. */
  | { readonly kind: 'machine'; readonly needs: string; readonly shows: string }
  /** What the emulator promises and the service refuses. */
  | { readonly kind: 'promise'; readonly promise: string; readonly shows: string }
  /** The same as of the machine, where the result depends on the load of the machine: such a test may pass. */
  | { readonly kind: 'load'; readonly needs: string };

export interface SdkSuite {
  readonly sdk: string;
  readonly version: string;
  /** Where the tests are in the package. */
  readonly files: string;
  readonly testCount: number;
  readonly leftOut: readonly LeftOut[];
  /**
   * Runs the tests whose name contains `only`; without it, all.
   * @throws Error when the suite cannot be built or started
   */
  run(conditions: SuiteConditions, only?: string): Promise<readonly Verdict[]>;
}

export function suiteTitle({ sdk, version }: SdkSuite, { endpoint, signature }: SuiteConditions): string {
  return `${sdk} ${version}, ${signature}, ${endpoint}`;
}

/** Names of tests of one class. */
export function inClass(name: string, tests: readonly string[]): readonly string[] {
  return tests.map((test) => `${name}.${test}`);
}

/** The operations in messages of the emulator that say NotImplemented. */
export function refusedOperations(text: string): readonly string[] {
  return [...text.matchAll(/does not implement the operation (.+?)\./g)].map(([, name = '']) => name);
}
