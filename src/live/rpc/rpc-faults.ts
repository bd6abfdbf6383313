import type { BodyShape } from '../../http/observer.ts';

/** Something that goes wrong on purpose with one call. */
export interface RpcFault {
  /** Once the caller is known: waits, resets the connection, or throws the RpcError to answer with. */
  strike(reset: () => void): Promise<void>;
  readonly shape: BodyShape | undefined;
}

/** A port, filled by whoever puts the emulator together. */
export type FindRpcFault = (target: {
  readonly operation: string;
  readonly app?: string;
  readonly stream?: string;
}) => RpcFault | undefined;
