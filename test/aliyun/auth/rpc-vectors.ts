import { readFileSync } from 'node:fs';

/** fixtures/rpc-signing-vectors.json: requests that unmodified clients sent, and what they signed. */
export interface RpcVector {
  readonly scheme: 'rpc-v1' | 'acs3';
  readonly client?: string;
  readonly note: string;
  readonly accessKeyId?: string;
  readonly accessKeySecret?: string;
  /** For an RPC v1 vector without a request. */
  readonly method?: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly request?: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly expected: {
    readonly stringToSign: string;
    readonly signature: string;
    readonly canonicalRequest?: string;
  };
}

export interface RpcVectors {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly accessKeySecret: string;
    readonly securityToken: string;
  };
  readonly clock: { readonly unix: number };
  readonly rpc: readonly RpcVector[];
  readonly acs3: readonly RpcVector[];
  readonly negative: readonly { readonly change: string; readonly expect: { status: number; code?: string } }[];
  readonly authKey: readonly {
    readonly note: string;
    readonly path: string;
    readonly timestamp: number;
    readonly rand: string;
    readonly uid: string;
    readonly key: string;
    readonly authKey: string;
  }[];
  readonly liveCallback: readonly {
    readonly domain: string;
    readonly timestamp: string;
    readonly key: string;
    readonly signature: string;
  }[];
}

export const RPC_VECTORS: RpcVectors = JSON.parse(
  readFileSync(new URL('../../../fixtures/rpc-signing-vectors.json', import.meta.url), 'utf8'),
);
