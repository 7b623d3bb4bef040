import assert from 'node:assert/strict';
import { checkDockershim, kubeletMinor, type DockershimInput } from '../../../../src/model/kubernetes/dockershim';
import { kubeletFlags, socketOwner, type KubeletConfig } from '../../../../src/model/kubernetes/kubelet';

/*
 * The table of the check: kubelet version × runtime × annotation × kubelet's configuration. Expected verdicts follow the page
 * "Find out what container runtime is used on a node" of kubernetes.io; the combinations are those that public clusters show.
 */

const DOCKERSHIM = '/var/run/dockershim.sock';
const CRI_DOCKERD = 'unix:///var/run/cri-dockerd.sock';
const CONTAINERD = 'unix:///run/containerd/containerd.sock';

function kubelet(more: Partial<KubeletConfig> = {}): KubeletConfig {
  return { pid: 4711, unread: [], ...more };
}
const at = (address: string): KubeletConfig =>
  kubelet({ containerRuntime: 'remote', endpoint: { address, source: '--container-runtime-endpoint' } });

const TABLE: readonly (readonly [string, string, Partial<DockershimInput>])[] = [
  // Up to 1.23 the kubelet has dockershim: only its own configuration, or kubeadm's note of it, tells.
  ['works', 'v1.23.1, annotation of dockershim', { kubeletVersion: 'v1.23.1', criSocket: DOCKERSHIM }],
  ['works', 'the same with unix://', { kubeletVersion: 'v1.23.17', criSocket: `unix://${DOCKERSHIM}` }],
  ['works', 'a vendor’s version', { kubeletVersion: 'v1.22.17-eks-0a21954', criSocket: '/run/dockershim.sock' }],
  ['works', 'no flag at all', { kubeletVersion: 'v1.20.4', kubelet: kubelet() }],
  [
    'works',
    '--container-runtime=docker',
    { kubeletVersion: 'v1.9.3-gke.0', kubelet: kubelet({ containerRuntime: 'docker' }) },
  ],
  [
    'works',
    'the command line outweighs a stale annotation',
    { kubeletVersion: 'v1.23.1', criSocket: CONTAINERD, kubelet: kubelet() },
  ],
  ['unknown', 'neither annotation nor command line', { kubeletVersion: 'v1.23.1' }],
  ['unknown', 'annotation of another runtime', { kubeletVersion: 'v1.23.1', criSocket: CONTAINERD }],
  [
    'unknown',
    'a configuration that cannot be read',
    { kubeletVersion: 'v1.23.1', kubelet: kubelet({ unread: ['/c.yaml'] }) },
  ],
  [
    'unknown',
    'remote, but no endpoint',
    { kubeletVersion: 'v1.23.1', kubelet: kubelet({ containerRuntime: 'remote' }) },
  ],
  [
    'cri-dockerd',
    'cri-dockerd before 1.24, by command line',
    { kubeletVersion: 'v1.23.1', kubelet: at(CRI_DOCKERD), criSocket: DOCKERSHIM },
  ],
  ['cri-dockerd', 'cri-dockerd before 1.24, by annotation', { kubeletVersion: 'v1.23.1', criSocket: CRI_DOCKERD }],
  ['unknown', 'the kubelet found speaks with containerd', { kubeletVersion: 'v1.23.1', kubelet: at(CONTAINERD) }],
  // From 1.24 on, docker:// means cri-dockerd.
  ['cri-dockerd', 'v1.24.0 and docker://', { kubeletVersion: 'v1.24.0' }],
  ['cri-dockerd', 'v1.31, annotation of cri-dockerd', { kubeletVersion: 'v1.31.2', criSocket: CRI_DOCKERD }],
  [
    'cri-dockerd',
    'a stale annotation on a node that works',
    { kubeletVersion: 'v1.27.4', criSocket: DOCKERSHIM, ready: 'True' },
  ],
  ['removed', 'the same on a node that does not', { kubeletVersion: 'v1.24.1', criSocket: DOCKERSHIM, ready: 'False' }],
  [
    'removed',
    'a kubelet of 1.24 started for dockershim',
    { kubeletVersion: 'v1.24.1', kubelet: at(`unix://${DOCKERSHIM}`) },
  ],
  [
    'removed',
    '--container-runtime=docker on 1.25',
    { kubeletVersion: 'v1.25.0', kubelet: kubelet({ containerRuntime: 'docker' }) },
  ],
  [
    'removed',
    'no runtime, annotation of dockershim',
    { kubeletVersion: 'v1.24.0', containerRuntime: undefined, criSocket: DOCKERSHIM },
  ],
  // Without Docker.
  [
    'migrated',
    'containerd',
    { kubeletVersion: 'v1.29.3', containerRuntime: 'containerd://1.7.2', criSocket: CONTAINERD },
  ],
  ['migrated', 'containerd before 1.24', { kubeletVersion: 'v1.20.1', containerRuntime: 'containerd://1.4.3' }],
  [
    'migrated',
    'CRI-O',
    { kubeletVersion: 'v1.30.0', containerRuntime: 'cri-o://1.30.0', criSocket: '/var/run/crio/crio.sock' },
  ],
  [
    'migrated',
    'a stale annotation of dockershim',
    { kubeletVersion: 'v1.23.1', containerRuntime: 'containerd://1.6.20', criSocket: DOCKERSHIM },
  ],
  ['migrated', 'a runtime nobody knows', { kubeletVersion: 'v1.30.0', containerRuntime: 'frakti://1.0' }],
  [
    'unknown',
    'containerd, but a kubelet for dockershim',
    {
      kubeletVersion: 'v1.23.1',
      containerRuntime: 'containerd://1.6.20',
      kubelet: kubelet({ containerRuntime: 'docker' }),
    },
  ],
  // What cannot be read.
  ['unknown', 'no runtime', { kubeletVersion: 'v1.23.1', containerRuntime: undefined }],
  ['unknown', 'no version', { kubeletVersion: undefined }],
  ['unknown', 'a version that is none', { kubeletVersion: 'one point two' }],
  ['unknown', 'a runtime without a scheme', { kubeletVersion: 'v1.30.0', containerRuntime: 'containerd 1.7' }],
  ['cri-dockerd', 'no version, but the endpoint', { kubeletVersion: undefined, kubelet: at(CRI_DOCKERD) }],
];

function input(more: Partial<DockershimInput>): DockershimInput {
  return {
    kubeletVersion: undefined,
    containerRuntime: 'docker://20.10.12',
    criSocket: undefined,
    ready: 'True',
    kubelet: undefined,
    ...more,
  };
}

describe('the dockershim check', () => {
  for (const [verdict, title, more] of TABLE) {
    it(`says ${verdict}: ${title}`, () => {
      const check = checkDockershim(input(more), 'n1');
      assert.equal(check.verdict, verdict, check.because);
      assert.ok(check.because.length > 20);
      assert.equal(check.evidence.length, 5);
      for (const { says, how } of check.evidence) assert.ok(says && how);
      assert.ok(check.migration.steps.length > 0);
      for (const { url } of check.migration.links) assert.match(url, /^https:\/\/(kubernetes\.io|github\.com)\//);
    });
  }

  it('names an annotation that is stale, and one without unix://', () => {
    const notes = (more: Partial<DockershimInput>): string => checkDockershim(input(more), 'n1').notes.join('\n');
    const containerd = { kubeletVersion: 'v1.23.1', containerRuntime: 'containerd://1.6.20' };
    assert.match(
      notes({ ...containerd, criSocket: DOCKERSHIM }),
      /stale: it names the socket of dockershim.*containerd/,
    );
    assert.match(notes({ ...containerd, criSocket: DOCKERSHIM }), /lacks unix:\/\//);
    assert.equal(notes({ ...containerd, criSocket: CONTAINERD }), '');
    assert.equal(notes({ ...containerd, criSocket: 'unix:///opt/own/cri.sock' }), '');
    assert.match(
      notes({ kubeletVersion: 'v1.27.0', criSocket: DOCKERSHIM }),
      /stale: it names the socket of dockershim.*cri-dockerd/,
    );
    assert.equal(notes({ kubeletVersion: 'v1.23.1', criSocket: `unix://${DOCKERSHIM}` }), '');
  });

  it('never puts a node’s name into a command unquoted', () => {
    const { evidence, migration } = checkDockershim(
      input({ kubeletVersion: 'v1.23.1', kubelet: kubelet() }),
      'a; rm -rf ~',
    );
    const commands = [...evidence.map(({ how }) => how), ...migration.steps.map(({ command }) => command ?? '')].filter(
      (text) => text.includes('rm -rf'),
    );
    assert.ok(commands.length > 0);
    for (const command of commands) assert.ok(command.includes("'a; rm -rf ~'"), command);
  });

  it('reads versions as vendors write them', () => {
    const versions = {
      'v1.23.17-eks-0a21954': 23,
      'v1.9.3-gke.0': 9,
      '1.24': 24,
      'v1.30.4+rke2r1': 30,
      'v2.1.0': undefined,
      '': undefined,
      'v1.x': undefined,
    };
    for (const [text, minor] of Object.entries(versions)) assert.equal(kubeletMinor(text), minor, text);
  });

  it('reads a kubelet’s command line: both ways to write a flag, the last one counts', () => {
    const argv = [
      '/usr/bin/kubelet',
      '--config=/var/lib/kubelet/config.yaml',
      '--container-runtime',
      'remote',
      '-container-runtime-endpoint=unix:///a.sock',
      '--container-runtime-endpoint=unix:///b.sock',
      '--hostname-override=n1',
      '--v=2',
    ];
    assert.deepEqual(kubeletFlags(argv), {
      configFile: '/var/lib/kubelet/config.yaml',
      containerRuntime: 'remote',
      endpoint: 'unix:///b.sock',
      hostnameOverride: 'n1',
    });
    assert.deepEqual(kubeletFlags(['kubelet', '--container-runtime']), {});
  });

  it('tells whose socket a path is, with a scheme and without', () => {
    const sockets = {
      '/var/run/dockershim.sock': 'dockershim',
      'unix:///var/run/dockershim.sock': 'dockershim',
      'unix:///run/cri-dockerd.sock': 'cri-dockerd',
      '/run/k3s/containerd/containerd.sock': 'containerd',
      'unix:///var/run/crio/crio.sock': 'cri-o',
      '/run/not-dockershim.sock.d/x.sock': 'other',
      '': 'other',
    };
    for (const [path, owner] of Object.entries(sockets)) assert.equal(socketOwner(path), owner, path);
  });
});
