import { beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/oss/rest/operations.ts';
import { describeWith } from '../../support/tools.ts';
import { GO_SDK_SUITE } from './go-sdk-suite.ts';
import { judge, type SuiteReport } from './judge.ts';
import { NOT_SERVED } from './not-served.ts';
import { OSS2_SUITE } from './oss2-suite.ts';
import { type SdkSuite, type SuiteConditions, suiteTitle } from './suite.ts';

/** The tests of the SDKs, some of which wait for seconds, and the first time what they are built with. */
const TIMEOUT_MS = 900_000;

describeSuite(OSS2_SUITE, ['python3', 'gcc'], { endpoint: 'domain', signature: 'V4' });
describeSuite(GO_SDK_SUITE, ['go', 'gcc'], { endpoint: 'domain', signature: 'V1' });

function describeSuite(suite: SdkSuite, tools: readonly string[], conditions: SuiteConditions): void {
  describeWith(tools, `the whole suite of ${suiteTitle(suite, conditions)}`, () => {
    let report: SuiteReport;
    beforeAll(async () => {
      report = judge(await suite.run(conditions), suite.leftOut, conditions);
    }, TIMEOUT_MS);

    it('is run whole', () => {
      expect(report.passed.length + report.failed.length + report.leftOut.length).toBe(suite.testCount);
    });

    it('passes, except for what is left out', () => expect(report.failed).toEqual([]));

    it('has nothing left out for a reason that it does not confirm', () => expect(report.stale).toEqual([]));
  });
}

describe('what is not served', () => {
  it.each(Object.values(NOT_SERVED).flat())('%s is known and refused', (name) => {
    expect(OPERATIONS.find((operation) => operation.name === name)).toMatchObject({ name });
    expect(OPERATIONS.find((operation) => operation.name === name)?.handler).toBeUndefined();
  });
});
