import assert from 'node:assert/strict';
import { hoverExplanations } from '../../../../src/views/hovers/explanations';
import { treeHover } from '../../../../src/views/hovers/treeHovers';
import { Elements, type Element } from '../../../../src/views/tree/elements';
import { TreeSource } from '../../../../src/views/tree/options';
import { welcomeOf } from '../../../../src/views/tree/roots';
import { ClusterStore } from '../../../../src/store/clusterStore';
import type { KubeContext } from '../../../../src/model/kubernetes/context';
import { context, FakeClusters, FAR, FORBIDDEN, kubeInventory, listed, pods } from '../../../support/kubeTree';
import { shopInspection, WEB } from '../../../support/shop';

const NOTHING: ReadonlySet<string> = new Set();

describe('Kubernetes in the tree', () => {
  let reader: FakeClusters;
  let store: ClusterStore;
  let elements: Elements;

  beforeEach(() => {
    reader = new FakeClusters();
    store = new ClusterStore(reader);
    elements = new Elements(
      async (id) => shopInspection(id),
      () => assert.fail('nobody examines shims here'),
    );
  });

  function draw(...contexts: KubeContext[]): void {
    elements.update(source(contexts), NOTHING);
  }
  function source(contexts: readonly KubeContext[]): TreeSource {
    const options = { grouping: 'layer', filter: [], pageSize: 200, shown: new Map<string, number>() } as const;
    return new TreeSource(kubeInventory(contexts), options, store);
  }
  /** The row that a path of labels leads to, opening all on the way. */
  async function at(...labels: string[]): Promise<Element> {
    let found: Element | undefined;
    for (const label of ['Kubernetes', ...labels]) {
      const rows = await elements.children(found);
      found = rows.find(({ node }) => node.label === label);
      assert.ok(found, `${label} among ${rows.map(({ node }) => node.label).join(', ')}`);
    }
    return found as Element;
  }
  async function below(...labels: string[]): Promise<string[]> {
    const rows = await elements.children(await at(...labels));
    return rows.map(({ node }) => `${node.label} — ${node.description ?? ''}`);
  }

  it('lists contexts under its own layer among the clients, and asks nobody before one is expanded', async () => {
    draw(context('lab', { current: true }), context('other'));
    assert.deepEqual(await below(), [
      'lab — current · not asked yet · https://api.example:6443',
      'other — not asked yet · https://api.example:6443',
    ]);
    assert.deepEqual(reader.asked, []);
    await below('lab');
    assert.deepEqual(reader.asked, ['cluster lab']);
  });

  it('is there also on a machine without any engine', () => {
    const inventory = kubeInventory([context('lab')]);
    const alone = { ...inventory, containers: [], layers: inventory.layers.slice(0, 1) };
    assert.equal(welcomeOf(alone), undefined);
    assert.equal(welcomeOf({ ...alone, layers: [] }), 'absent');
  });

  it('shows nodes with runtime, kubelet and readiness, which is this machine, and the check', async () => {
    draw(context('lab'));
    assert.deepEqual(await below('lab'), [
      'API server — v1.29.3',
      'Dockershim check — 1: dockershim, works until 1.24 · 1: no dockershim',
      'here — this machine · containerd://1.7.2 · kubelet v1.29.3 · ready',
      'old — docker://20.10.12 · kubelet v1.23.1 · does not report',
    ]);
    const rows = await below('lab', 'old');
    assert.match(rows[1] ?? '', /^Dockershim — dockershim, works until 1\.24 · The kubelet is v1\.23\.1/);
    const about = (await below('lab', 'old', 'About this node')).join('\n');
    assert.match(about, /CRI socket of kubeadm — \/var\/run\/dockershim\.sock/);
    assert.match(about, /This machine — no: Its boot id is not the one/);
    assert.match(about, /Ready — Unknown: Kubelet stopped posting node status\./);
  });

  it('makes a pod’s container on this machine the same container as below, with the same pages', async () => {
    draw(context('lab'));
    assert.deepEqual(await below('lab', 'here', 'shop/web'), [
      'setup — init container · terminated: Completed (0) · 0d0000000000 · 2 restarts',
      `web — this machine · running · ${WEB.slice(0, 12)}`,
    ]);
    const { node } = await at('lab', 'here', 'shop/web', 'web');
    assert.deepEqual(node.subject, { kind: 'container', containerId: WEB });
    assert.deepEqual(node.context, ['container']);
    const aspects = await below('lab', 'here', 'shop/web', 'web');
    assert.ok(
      aspects.some((row) => row.startsWith('OCI config')),
      aspects.join('\n'),
    );
    const joined = (await below('lab', 'here', 'shop/web', 'web', 'In Kubernetes')).join('\n');
    assert.match(joined, /On this machine — The same container id on this machine/);
    assert.ok(!reader.asked.some((question) => question.startsWith('cgroups')));
  });

  it('asks the kubelet of another machine for cgroup paths, when a container there is expanded', async () => {
    draw(context('lab'));
    const rows = await below('lab', 'old', 'shop/far', 'web');
    assert.ok(rows.includes(`Cgroup path — /kubepods/podu1/${FAR}`), rows.join('\n'));
    assert.match(rows.join('\n'), /On this machine — Its node is not known to be this machine/);
    assert.equal(reader.asked.at(-1), 'cgroups lab old');
  });

  it('says why a cgroup path cannot be had, beside what is known', async () => {
    draw(context('lab'));
    await at('lab', 'old', 'shop/far', 'web');
    reader.failure = FORBIDDEN;
    const rows = (await below('lab', 'old', 'shop/far', 'web')).join('\n');
    assert.match(rows, /Cgroup path — not known: .*\(403\)/);
    assert.match(rows, /Container id — containerd:\/\//);
  });

  it('shows pods by node where nodes may not be listed, with the reason', async () => {
    reader.report = { nodes: listed([], FORBIDDEN), pods: pods('here') };
    draw(context('lab'));
    const rows = await below('lab');
    assert.match(rows.join('\n'), /Reason — .*\(403\)/);
    assert.ok(rows.includes('here — node that may not be read · 1 pod'), rows.join('\n'));
    const [, web] = await elements.children(await at('lab', 'here', 'shop/web'));
    // Without the node nothing proves that it is this machine.
    assert.equal(web?.node.subject.kind, 'kube');
  });

  it('tells why a cluster did not answer, and asks again at the next expansion', async () => {
    reader.failure = { ...FORBIDDEN, reason: 'Nobody listens.' };
    draw(context('lab'));
    assert.deepEqual(await below('lab'), [
      'Reason — Listing the nodes of lab: Nobody listens.',
      'Remedy — Ask for a role.',
    ]);
    reader.failure = undefined;
    assert.equal((await below('lab')).length, 4);
  });

  it('offers to allow a credential program, and shows it masked', async () => {
    const auth = {
      kind: 'exec',
      argv: ['aws', '--token=hunter2hunter2'],
      envNames: [],
      fingerprint: 'f',
      allowed: false,
    } as const;
    draw(context('cloud', { auth, obstacle: { ...FORBIDDEN, reason: 'No program is run.' } }));
    const rows = await below('cloud');
    assert.match(rows.join('\n'), /Allow this program… — aws/);
    assert.doesNotMatch(rows.join('\n'), /hunter2/);
    assert.deepEqual(reader.asked, []);
  });

  it('follows what happens here, and draws nothing anew when nothing is different', async () => {
    draw(context('lab'));
    await at('lab', 'here', 'shop/web', 'web');
    // The first answer changes the context's own row: it tells the number of nodes now.
    elements.update(source([context('lab')]), NOTHING);
    await at('lab', 'here', 'shop/web', 'web');
    assert.deepEqual(elements.update(source([context('lab')]), NOTHING), []);
    const asked = reader.asked.length;
    await at('lab', 'here', 'shop/web', 'web');
    assert.equal(reader.asked.length, asked);
  });

  it('explains every row to who points at it, hostile names as text', async () => {
    draw(context('lab<img>\u202e', { current: true, insecure: true }));
    const walk = async (parent: Element | undefined, depth: number): Promise<Element[]> => {
      const rows = [...(await elements.children(parent))].filter(
        ({ node }) => depth > 0 || node.label === 'Kubernetes',
      );
      const deeper = depth < 4 ? await Promise.all(rows.map((row) => walk(row, depth + 1))) : [];
      return [...rows, ...deeper.flat()];
    };
    const rows = await walk(undefined, 0);
    assert.ok(rows.length > 20);
    for (const { node } of rows) {
      const parts = treeHover(node, {
        inventory: kubeInventory([]),
        peek: () => undefined,
        explain: hoverExplanations,
        lineage: () => undefined,
      });
      assert.ok(parts.length > 0, node.label);
      assert.doesNotMatch(node.label + (node.description ?? '') + node.spoken, /\u202e/);
    }
    const topics = new Set(rows.map(({ node }) => (node.subject.kind === 'kube' ? node.subject.topic : '')));
    for (const topic of ['context', 'node', 'pod', 'check']) assert.ok(topics.has(topic as 'node'), topic);
  });
});
