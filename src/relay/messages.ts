import type { Side } from '../model/recording/connection';
import type { UnreadEntry } from '../model/recording/unreadCall';

/** What the pump tells the recorder. Bytes are copies that belong to the recorder. */
export type ToRecorder =
  | { readonly kind: 'entry'; readonly entry: UnreadEntry }
  | {
      readonly kind: 'bytes';
      readonly connection: number;
      readonly side: Side;
      readonly at: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly kind: 'overload';
      readonly connection: number;
      readonly side: Side;
      readonly at: number;
      readonly byte: number;
    }
  | { readonly kind: 'end'; readonly connection: number; readonly side: Side; readonly at: number }
  | { readonly kind: 'close'; readonly connection: number; readonly at: number }
  | { readonly kind: 'finish' };

/** What the recorder tells the pump: bytes of that connection need no longer be copied. */
export interface FromRecorder {
  readonly kind: 'enough';
  readonly connection: number;
}

/** What the recorder is started with. */
export interface RecorderData {
  readonly recordings: string;
  readonly run: string;
  /** One number: bytes that are on their way to the recorder. */
  readonly pending: Int32Array;
}
