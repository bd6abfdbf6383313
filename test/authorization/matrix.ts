/** The rules of fixtures/authorization-matrix.json, and what they say of one cell. */
import { readFileSync } from 'node:fs';
import type { BucketAcl, ObjectAcl } from '../../src/storage/metadata/records.ts';

export type Api = 'oss' | 'rpc' | 'mns' | 'rtmp';

export interface Principal {
  readonly name: string;
  /** Absent: it signs nothing. */
  readonly key?: string;
  /** What it signs with, when that is not the secret of its key. */
  readonly secret?: string;
  readonly token?: string;
  readonly account?: 'owner' | 'other' | 'none';
  readonly readsOnly?: boolean;
  /** The actions of its session policy. */
  readonly only?: readonly string[];
  /** The code by which an API refuses it whatever it asks for. */
  readonly refused?: Readonly<Partial<Record<Api, string>>>;
}

interface Right {
  /** Of the object: those by which everybody has the right. */
  readonly acls: readonly string[];
  readonly anyAccount?: boolean;
}

/** What is known of an operation: one row of the matrix. */
export interface Rule {
  readonly right: string;
  readonly effect: 'reads' | 'changes';
  readonly action: string;
  /** The code that an anonymous caller gets in place of success. */
  readonly anonymously?: string;
}

interface Group extends Omit<Rule, 'action'> {
  readonly operations: Readonly<Record<string, string>>;
}

interface ListedGroup extends Omit<Rule, 'action'> {
  readonly product?: string;
  readonly operations: readonly string[];
}

interface Matrix {
  readonly bucketAcls: readonly BucketAcl[];
  readonly objectAcls: readonly ObjectAcl[];
  readonly rights: Readonly<Record<string, Right>>;
  readonly principals: readonly Principal[];
  readonly rest: readonly Group[];
  readonly variants: readonly Group[];
  readonly rpc: readonly ListedGroup[];
  readonly rpcRefusal: string;
  readonly mns: readonly ListedGroup[];
  readonly rtmp: Rule;
  readonly watching: { readonly extensions: Readonly<Record<string, string>> };
}

export const MATRIX: Matrix = JSON.parse(
  readFileSync(new URL('../../fixtures/authorization-matrix.json', import.meta.url), 'utf8'),
);

/** The ACLs of a cell; an operation on a bucket has no object. */
export interface Acls {
  readonly bucket: BucketAcl;
  readonly object?: ObjectAcl;
}

/** The operations of some groups with their rules. */
export function rulesOf(groups: readonly Group[]): ReadonlyMap<string, Rule> {
  return new Map(
    groups.flatMap(({ operations, ...rule }) =>
      Object.entries(operations).map(([name, action]): [string, Rule] => [name, { ...rule, action }]),
    ),
  );
}

/** The same where the action is the name of the operation. */
export function listedRulesOf(groups: readonly ListedGroup[], product?: string): ReadonlyMap<string, Rule> {
  return new Map(
    groups.flatMap(({ operations, ...rule }) =>
      operations.map((name): [string, Rule] => [name, { ...rule, action: `${rule.product ?? product}:${name}` }]),
    ),
  );
}

/** The code with which a cell is refused; undefined when it is allowed. */
export function refusalOf(principal: Principal, rule: Rule, acls: Acls, api: Api): string | undefined {
  const { account, readsOnly = false, only, refused } = principal;
  const code = refused?.[api];
  if (code !== undefined) return code;
  if (rule.right === 'unserved') return 'NotImplemented';
  const denied = api === 'rpc' ? MATRIX.rpcRefusal : 'AccessDenied';
  if (rule.right === 'everybody with a key') return undefined;
  const right = MATRIX.rights[rule.right];
  if (!right) throw new Error(`the matrix has no right "${rule.right}"`);
  if (only && !only.includes(rule.action)) return denied;
  if (readsOnly && rule.effect === 'changes') return denied;
  if (account === 'owner' || (right.anyAccount && account === 'other')) return undefined;
  const acl = acls.object === undefined || acls.object === 'default' ? acls.bucket : acls.object;
  if (!right.acls.includes(acl)) return denied;
  return account === 'none' ? rule.anonymously : undefined;
}

/** What was counted and found wrong, over all tests of a file. */
export class Tally {
  cells = 0;
  readonly wrong: string[] = [];

  /** Compares one cell, and describes it when it is wrong. */
  note(cell: string, expected: string | undefined, seen: string | undefined): void {
    this.cells += 1;
    if (expected === seen) return;
    this.wrong.push(`${cell}: expected ${expected ?? 'success'}, seen ${seen ?? 'success'}`);
  }

  /** The wrong cells since it was asked last. */
  take(): readonly string[] {
    return this.wrong.splice(0);
  }
}
