import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLab, type Lab } from '../lab/lab';
import { PIDS_OF_NODE, removePod, runPod, type Pod } from '../lab/pods';
import { criCorpus, criKeys, mergedWish, type CriLine } from '../support/criCorpus';
import { meets } from '../support/expectedLineage';
import { criLineages, SANDBOX, wrongOf, type OthersLineages } from '../support/othersLineages';
import { packed } from '../support/packed';

/** A profile that refuses one call that nobody makes. */
const SECCOMP = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['acct'], action: 'SCMP_ACT_ERRNO' }],
};

describe('the lineage of single settings of a kubelet', function () {
  this.timeout(300_000);
  let lab: Lab;
  let pod: Pod | undefined;
  let lineages: OthersLineages;
  let groups: readonly (readonly CriLine[])[];
  const nameOf = (index: number): string => `corpus-${index}`;

  before(async () => {
    lab = await startLab();
    const folder = join(lab.dir, 'corpus');
    mkdirSync(folder);
    writeFileSync(join(folder, 'profile.json'), JSON.stringify(SECCOMP));
    // As containerd names them: in a lab whose daemons have a mount namespace of their own, its folder has another path.
    const inside = join(lab.insideDir, 'corpus');
    const corpus = criCorpus({ profile: join(inside, 'profile.json'), folder: inside });
    assert.ok(corpus.length >= 60, String(corpus.length));
    groups = packed(corpus, criKeys, ({ apart }) => apart === true);
    const names = groups.map((_, index) => nameOf(index));
    const wishes = Object.fromEntries(groups.map((group, index) => [nameOf(index), mergedWish(group)]));
    pod = await runPod(lab, 'corpus', names, wishes, { sysctls: new Map([['kernel.shmmni', '2048']]) });
    lineages = await criLineages(lab, pod);
  });
  after(async () => {
    if (pod) await removePod(lab, pod);
    await lab?.stop();
  });

  it('has the right origin, field, place and verdict each, and the kernel says the same when it is asked by itself', async () => {
    assert.deepEqual(await wrongOf(lineages, groups, nameOf), []);
  });

  it('tells of a pod that shares the node’s processes', async () => {
    const shared = await runPod(lab, 'corpus-node', ['node'], {}, { pid: PIDS_OF_NODE });
    try {
      const node = (await criLineages(lab, shared)).get('node');
      assert.ok(node);
      await meets(node.rows, node.pid, 'node', [
        {
          setting: 'pid namespace',
          field: 'linux.security_context.namespace_options.pid',
          origin: 'request',
          asked: /^the node’s$/,
          path: 'linux.namespaces, pid',
          check: ['readlink /proc/PID/ns/pid /proc/self/ns/pid | sort -u | wc -l', /^1$/m],
        },
      ]);
    } finally {
      await removePod(lab, shared);
    }
  });

  it('tells of the sandbox what was asked for the pod as a whole', async () => {
    const sandbox = lineages.get(SANDBOX);
    assert.ok(sandbox);
    await meets(sandbox.rows, sandbox.pid, SANDBOX, [
      {
        setting: 'kernel.shmmni',
        field: 'linux.sysctls',
        origin: 'request',
        asked: /^2048$/,
        path: 'linux.sysctl["kernel.shmmni"]',
        verdict: 'unreadable',
        check: ['nsenter -t PID -i cat /proc/sys/kernel/shmmni', /^2048$/m],
      },
      {
        setting: 'Cgroup',
        field: 'linux.cgroup_parent',
        origin: 'request',
        asked: /kubepods\/poduid-corpus$/,
        path: 'linux.cgroupsPath',
        check: ['cat /proc/PID/cgroup', /kubepods\/poduid-corpus\//],
      },
      {
        setting: 'network namespace',
        field: 'linux.security_context.namespace_options.network',
        origin: 'request',
        asked: /^the node’s$/,
      },
    ]);
  });
});
