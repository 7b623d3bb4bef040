import assert from 'node:assert/strict';
import { isHostPageModel } from '../../../../src/protocol/hostPages';
import { isHostMessage } from '../../../../src/protocol/messages';
import { CopyTable } from '../../../../src/views/panels/models/copyTable';
import { doctorPage } from '../../../../src/views/panels/models/doctorPage';
import { machine, PROCESSES, reportOf } from '../../../support/doctorShop';

describe('the page "Shim Doctor"', () => {
  const denied = { code: 'denied' as const, what: 'Listing /run/x', reason: 'This user may not.' };
  const broken = machine({
    processes: PROCESSES.filter(({ pid }) => pid !== 101),
    sockets: [{ path: '/run/containerd/s/1', changedAtMs: 1, listening: false }],
    gaps: [denied],
  });
  const copies = new CopyTable();
  const page = doctorPage(reportOf(broken), copies);

  it('is JSON that the page accepts', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(page)), page);
    assert.ok(isHostPageModel(page));
    assert.ok(isHostMessage({ type: 'event', name: 'changed', value: page }));
  });

  it('tells how bad it is in words, worst first, and how old', () => {
    assert.equal(page.subtitle, '1 thing needs attention, 1 thing left over');
    assert.deepEqual(
      page.findings.map(({ severityWord, findingKind }) => [severityWord, findingKind]),
      [
        ['Needs attention', 'shim-without-child'],
        ['Left over', 'socket-left-behind'],
      ],
    );
    assert.equal(page.findings[0]?.age, '59 min 50 s');
    assert.deepEqual(
      page.normal.map(({ severityWord }) => severityWord),
      ['Normal'],
    );
    assert.match(page.method, /at each of 3 looks within 3\.2 s/);
  });

  it('has for each piece of evidence where it comes from, and a command to copy', () => {
    for (const { evidence, meaning, whatToDo, references } of [...page.findings, ...page.normal]) {
      assert.ok(meaning && whatToDo.length > 0 && references.length > 0);
      for (const { value, provenance } of evidence) {
        assert.ok(value && provenance?.source);
        assert.equal(copies.get(provenance.how.copyId), provenance.how.text);
      }
    }
  });

  it('tells what could not be looked at, with a remedy', () => {
    assert.deepEqual(page.gaps, [{ why: 'Listing /run/x: This user may not.', remedy: 'Examine again.' }]);
  });

  it('says of a healthy machine that nothing is wrong, and what was looked at', () => {
    const healthy = doctorPage({ ...reportOf(machine()), looks: 1 }, copies);
    assert.equal(healthy.subtitle, 'Nothing is wrong');
    assert.match(healthy.method, /^One look/);
    assert.deepEqual(healthy.examined.map(({ label, value }) => `${label}: ${value}`).slice(0, 3), [
      'Shims: 2',
      'Monitors (conmon): 1',
      'Tasks: 3 in 2 namespaces of 1 containerd',
    ]);
  });

  it('shows no more than two hundred cards, and says how many there are', () => {
    const stray = (at: number) => ({ ...machine().bundles[0]!, id: `x${at}`, path: `/t/x${at}`, namespace: 'gone' });
    const many = doctorPage(
      reportOf(machine({ bundles: Array.from({ length: 250 }, (_, at) => stray(at)), folders: [] })),
      copies,
    );
    assert.equal(many.findings.length, 200);
    assert.equal(many.more, 50);
  });
});
