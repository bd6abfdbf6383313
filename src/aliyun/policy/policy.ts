/**
 * Policies as values: what a bucket policy of OSS and a session policy of STS have in common. Sources: "Policy syntax and
 * elements" page of OSS, "Policy structure and syntax" page of RAM.
 */

export interface Policy {
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly effect: Effect;
  readonly principal: Principal;
  /** In lower case. */
  readonly actions: Names;
  readonly resources: Names;
  /** All of them have to be met. */
  readonly conditions: readonly Condition[];
}

export type Effect = 'Allow' | 'Deny';

/** `holder`: whoever the policy belongs to (RAM). `nobody`: a bucket policy without the element. */
export type Principal =
  | { readonly kind: 'holder' | 'nobody' | 'everyone' }
  | { readonly kind: 'some'; readonly names: readonly string[] };

/** Patterns with wildcards; `except` when the element was NotAction or NotResource. */
export interface Names {
  readonly patterns: readonly string[];
  readonly except: boolean;
}

export interface Condition {
  readonly operator: string;
  /** In lower case. */
  readonly key: string;
  /** One of them has to fit; of a negated operator none of them may. */
  readonly values: readonly string[];
}

/** What a policy decides on. */
export interface PolicyRequest {
  /** `oss:GetObject` */
  readonly action: string;
  readonly resource: PolicyResource;
  /** UID, and of an assumed role its ARN; empty for an anonymous caller. */
  readonly identities: readonly string[];
  /** The resource belongs to the caller's account. */
  readonly isOwner: boolean;
  /** The value of a condition key, which is in lower case; undefined when the request has none. */
  value(key: string): string | undefined;
}

/** The parts of `acs:<service>:<region>:<account>:<name>`. */
export interface PolicyResource {
  readonly service: string;
  /** All names of the region. */
  readonly regions: readonly string[];
  readonly account: string;
  /** `bucket`, `bucket/key`; `*` for the account itself. */
  readonly name: string;
}

/** A text that is no policy. */
export class MalformedPolicy extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedPolicy';
  }
}
