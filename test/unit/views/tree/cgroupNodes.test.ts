import assert from 'node:assert/strict';
import { readCgroupReport } from '../../../../src/adapters/kernel/cgroupReport';
import { known, unknown } from '../../../../src/model/fact';
import type { Inspection } from '../../../../src/model/inspection';
import { cgroupNodes } from '../../../../src/views/tree/cgroupNodes';
import type { TreeNode } from '../../../../src/views/tree/node';
import { recordedHost } from '../../../support/fakeProc';

describe('cgroups in the tree', () => {
  it('have an id of their own each, though controllers of v2 share a folder and readings a file', async () => {
    const proc = recordedHost();
    try {
      const report = await readCgroupReport(proc.root, 789);
      const facts = {
        cgroups: known('cgroupfs', report, 'cgroup file systems', 'cat'),
        cgroupPaths: unknown('not asked', 'ask'),
      };
      const inspection = { facts } as unknown as Inspection;
      const ids = (nodes: readonly TreeNode[]): string[] =>
        nodes.flatMap((node) => [node.id, ...(node.children?.when === 'now' ? ids(node.children.make()) : [])]);
      const all = ids(cgroupNodes('top', 'id', inspection));
      assert.ok(all.length > 30, String(all.length));
      assert.equal(new Set(all).size, all.length);
    } finally {
      proc.remove();
    }
  });
});
