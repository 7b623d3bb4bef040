import assert from 'node:assert/strict';
import { valueOf } from '../../src/model/fact';
import type { LineageRow, Origin, Verdict } from '../../src/model/lineage/row';
import { printed } from './groundTruth';

/** What a row must say; `kernel` is compared with what the kernel's file says when it is read by itself. */
export interface Expected {
  readonly setting: string;
  readonly field: string;
  readonly origin: Origin;
  readonly asked: RegExp;
  readonly path?: string;
  readonly verdict?: Verdict;
  /** What is printed by a command, and what it must say. `PID` stands for the first process. */
  readonly check?: readonly [command: string, output: RegExp | ((output: string) => boolean)];
}

/** Fails with every row that does not say what it must. */
export async function meets(
  rows: readonly LineageRow[],
  pid: number,
  name: string,
  all: readonly Expected[],
): Promise<void> {
  const wrong: string[] = [];
  for (const { setting, field, origin, asked, path, verdict = 'in-force', check } of all) {
    const row = rows.find((one) => one.setting === setting);
    const [requested, specified] = [valueOf(row?.requested), valueOf(row?.specified)];
    const say = (what: string): unknown =>
      wrong.push(`${name}: ${setting}: ${what}: ${JSON.stringify({ requested, specified, why: row?.why })}`);
    if (!row) say('is no row');
    if (requested?.field !== field) say(`field is not ${field}`);
    if (requested?.origin !== origin) say(`origin is not ${origin}`);
    if (!asked.test(requested?.value ?? '')) say(`requested is not ${asked}`);
    if (path !== undefined && specified?.path !== path) say(`path is not ${path}`);
    if (row?.verdict !== verdict) say(`verdict is ${row?.verdict}`);
    const file = valueOf(row?.enforced)?.file ?? '';
    if (check) {
      const output = await printed('sh', '-c', check[0].replaceAll('PID', String(pid)).replaceAll('FILE', file));
      const [, expected] = check;
      if (!(typeof expected === 'function' ? expected(output) : expected.test(output)))
        say(`${check[0]} prints ${output.trim()}`);
    }
  }
  assert.deepEqual(wrong, []);
}
