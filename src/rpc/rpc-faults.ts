import type { BodyShape } from '../http/observer.ts';

/** An error that a fault rule causes in one call. */
export interface RpcFault {
  /**
   * Called after the signature was checked: waits, resets the connection, or refuses.
   * @throws RpcError the refusal to answer with
   */
  strike(reset: () => void): Promise<void>;
  readonly shape: BodyShape | undefined;
}

/** A port, filled by the composition. */
export type FindRpcFault = (target: {
  readonly operation: string;
  readonly app?: string;
  readonly stream?: string;
}) => RpcFault | undefined;
