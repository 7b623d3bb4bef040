import { ConnectionRecorder, type Side } from '../../../../src/model/recording/connection';
import { CallReader } from '../../../../src/model/recording/unreadCall';
import type { RecordedCall, RecordedEntry, RecordedGap } from '../../../../src/model/recording/recordedCall';

/** What a connection has carried: pieces in the order in which they came. */
export type Traffic = readonly (readonly [side: Side, bytes: string | Uint8Array])[];

export interface Recording {
  readonly entries: readonly RecordedEntry[];
  /** The calls as they stand at the end, in the order in which they began. */
  readonly calls: readonly RecordedCall[];
  readonly gaps: readonly RecordedGap[];
  /** What is left of the budget of 1,000,000 bytes when all is over. */
  readonly budgetLeft: number;
}

export const START_MS = Date.parse('2026-01-02T03:04:05.000Z');

/** Records a connection that is closed at its end. Time goes on by 10 ms with every piece. */
export function record(traffic: Traffic, options: { close?: boolean; cut?: number } = {}): Recording {
  const entries: RecordedEntry[] = [];
  const reader = new CallReader();
  let seq = 0;
  const budget = { left: 1_000_000 };
  const recorder = new ConnectionRecorder(1, {
    run: 'run',
    nextSeq: () => ++seq,
    budget,
    emit: (entry) => entries.push(reader.read(entry)),
  });
  let now = START_MS;
  for (const [side, piece] of traffic) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    for (const part of parts(bytes, options.cut)) recorder.feed(side, part, now);
    now += 10;
  }
  if (options.close !== false) recorder.close(now);
  const byId = new Map(
    entries.filter((entry) => entry.kind === 'call').map((call): [string, RecordedCall] => [call.id, call]),
  );
  return {
    entries,
    calls: [...byId.values()].sort((a, b) => a.seq - b.seq),
    gaps: entries.filter((entry) => entry.kind === 'gap'),
    budgetLeft: budget.left,
  };
}

function parts(bytes: Uint8Array, size: number | undefined): Uint8Array[] {
  if (size === undefined || bytes.length === 0) return [bytes];
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

/** A message from its lines and its body. */
export function message(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** A request or response that carries JSON. */
export function json(startLine: string, value: unknown): string {
  const body = JSON.stringify(value);
  return message([startLine, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`], body);
}
