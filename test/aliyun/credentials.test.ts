import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { accountOf } from '../../src/aliyun/auth/signed-request.ts';
import { createKeyRing, readCredentialsFile } from '../../src/aliyun/credentials.ts';
import { UsageError } from '../../src/base/errors.ts';

const KEY = { accessKeyId: 'ak', accessKeySecret: 'secret' };

async function fileOf(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'keys.json');
  await writeFile(path, JSON.stringify(content));
  return path;
}

describe('the file of --credentials', () => {
  it('may name the account of a key', async () => {
    const [mine, yours] = readCredentialsFile(await fileOf([KEY, { ...KEY, uid: '2222222222222222' }]));
    expect(mine && accountOf(mine)).toBe('1234567890123456');
    expect(yours && accountOf(yours)).toBe('2222222222222222');
  });

  it.each(['', 'x', '12 34', '-1', '1'.repeat(33), 12])('refuses the account %j', async (uid) => {
    const path = await fileOf([{ ...KEY, uid }]);
    expect(() => readCredentialsFile(path)).toThrow(UsageError);
  });
});

describe('a key ring', () => {
  const temporary = { accessKeyId: 'STS.x', accessKeySecret: 'secret', securityToken: 'token' };
  const added = {
    find: (id: string) => (id === 'STS.x' || id === 'ak' ? { ...temporary, accessKeyId: id } : undefined),
    ofToken: (token: string) => (token === 'token' ? temporary : undefined),
  };

  it('finds configured keys before added ones, by id and by token', () => {
    const configured = { accessKeyId: 'STS.y', accessKeySecret: 'secret', securityToken: 'own' };
    const ring = createKeyRing([KEY, configured], added);
    expect(ring.find('ak')).toBe(KEY);
    expect(ring.find('STS.x')).toEqual(temporary);
    expect(ring.find('nobody')).toBeUndefined();
    expect(ring.ofToken('own')).toBe(configured);
    expect(ring.ofToken('token')).toBe(temporary);
    expect([...ring.all()]).toEqual([KEY, configured]);
  });
});
