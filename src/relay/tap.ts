import type { Side } from '../model/recording/connection';

/** Is shown what one connection carries, and keeps none of the memory that it is shown. Never waits and never throws. */
export interface Tap {
  bytes(side: Side, bytes: Uint8Array): void;
  end(side: Side): void;
  close(): void;
}
