import { execFileSync } from 'node:child_process';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { API } from '../../../src/control-plane/admin/control-api.ts';
import { openApiDocument } from '../../../src/control-plane/admin/openapi.ts';

const document = openApiDocument('1.2.3', '/_emulator');

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    expect(await validator.validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('describes every call of the table', () => {
    const operations = Object.values(Object(document.paths)).flatMap((item) => Object.values(Object(item)));
    expect(operations.map((operation) => Object(operation).operationId).sort()).toEqual(Object.keys(API).sort());
  });
});

describe('docs/control-api.md', () => {
  it('is made of the same table', () => {
    expect(() => execFileSync('npx', ['tsx', 'scripts/control-api.ts', '--check'], { stdio: 'pipe' })).not.toThrow();
  });
});
