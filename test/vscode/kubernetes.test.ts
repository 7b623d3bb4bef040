import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS, SETTINGS } from '../../src/contributions';
import { removePod, runPod, type Pod, type PodLab } from '../lab/pods';
import { makeCertificates } from '../support/certificates';
import { printed } from '../support/groundTruth';
import { base64, kubeconfig, startKubeServer, type KubeServer } from '../support/kubeServer';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';
import { collapse, expand, filter, openTree, row, rowSelector, rows } from './treeDriver';
import { inThemes } from './themes';

const LAYER = 'Kubernetes';
const FAR = 'fa'.repeat(32);
const LAB = JSON.parse(process.env['CRE_LAB'] ?? '{}') as PodLab;

/** The API server is the tests' own; its answers are written from the API reference. The pod that it names is real. */
describe('Kubernetes in a real VS Code', function () {
  this.timeout(240_000);
  let folder: string;
  let server: KubeServer;
  let pod: Pod;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cre-kube-'));
    const certificates = makeCertificates(folder);
    server = await startKubeServer(certificates);
    pod = await runPod(LAB, 'shop', ['web', 'db']);
    fillWorld();
    writeFileSync(
      join(folder, 'login'),
      `#!/bin/sh\ntouch '${join(folder, 'ran')}'\necho '{"kind":"ExecCredential","status":{"token":"good-token"}}'\n`,
    );
    chmodSync(join(folder, 'login'), 0o755);
    writeFileSync(
      join(folder, 'config'),
      kubeconfig({
        server: server.url,
        ca: certificates.ca,
        users: {
          alice: {
            'client-certificate-data': base64(certificates.clientCert),
            'client-key-data': base64(certificates.clientKey),
          },
          cloud: {
            exec: {
              apiVersion: 'client.authentication.k8s.io/v1',
              command: join(folder, 'login'),
              args: ['get-token'],
            },
          },
        },
        contexts: { lab: { user: 'alice' }, cloud: { user: 'cloud' } },
        current: 'lab',
      }),
    );
    await driver.resize(1400, 1200);
    await setting([join(folder, 'config')]);
    await openTree();
    // Clusters are not filtered: without the samples all that counts is on the screen.
    await filter('name:none-of-the-samples');
    await expand(`Runtime layer ${LAYER},`);
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand(COMMANDS.clearFilter);
    await setting(undefined);
    await vscode.workspace.getConfiguration('workbench').update('colorTheme', undefined, true);
    await driver.resize(1400, 900);
    if (pod) await removePod(LAB, pod);
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  // Each test begins with no cluster asked and no program allowed, whatever the one before has left.
  beforeEach(async () => {
    for (const { spoken, expanded } of await rows()) {
      const [beginning] = spoken.split(',');
      if (expanded === true && beginning?.startsWith('Kubernetes context ')) await collapse(`${beginning},`);
    }
    await vscode.commands.executeCommand(COMMANDS.forgetCredentialPrograms);
    await vscode.commands.executeCommand(COMMANDS.refresh);
    await vscode.commands.executeCommand('notifications.clearAll');
    rmSync(join(folder, 'ran'), { force: true });
    await row('Kubernetes context lab, current · not asked yet');
    await row('Kubernetes context cloud, cannot be asked as it is');
    server.requests.length = 0;
  });

  function setting(value: readonly string[] | undefined): Thenable<void> {
    return vscode.workspace.getConfiguration().update(SETTINGS.kubeconfigs, value, vscode.ConfigurationTarget.Global);
  }

  function fillWorld(): void {
    const { world } = server;
    world.nodes = [
      {
        ...{ name: 'lab-node', kubelet: 'v1.29.3', runtime: 'containerd://1.7.2' },
        criSocket: 'unix:///run/containerd/containerd.sock',
        bootID: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      },
      {
        ...{ name: 'old-node', kubelet: 'v1.23.1', runtime: 'docker://20.10.12' },
        ...{ criSocket: '/var/run/dockershim.sock', bootID: 'another' },
      },
      {
        ...{ name: 'stale-node', kubelet: 'v1.27.4', runtime: 'docker://24.0.7' },
        ...{ criSocket: '/var/run/dockershim.sock', bootID: 'a-third' },
      },
      { name: 'broken-node', kubelet: 'v1.24.1', runtime: '', criSocket: '/var/run/dockershim.sock', ready: 'False' },
    ];
    world.pods = [
      {
        ...{ namespace: 'lab', name: 'shop', uid: 'uid-shop', node: 'lab-node' },
        containers: [...pod.containers].map(([name, id]) => ({ name, id: `containerd://${id}` })),
      },
      {
        ...{ namespace: 'lab', name: 'far', uid: 'uid-far', node: 'old-node' },
        containers: [{ name: 'worker', id: `docker://${FAR}` }],
      },
    ];
    world.cadvisor['old-node'] = [
      `container_start_time_seconds{container="worker",id="/kubepods/besteffort/poduid-far/${FAR}",name="k8s_worker"} 1.7e+09`,
    ];
  }

  /** Answers the next modal questions; what they said is in the list. */
  function answerDialogs(answers: (string | undefined)[]): string[] & { restore: () => void } {
    const window = vscode.window as { showWarningMessage: unknown };
    const real = window.showWarningMessage;
    const asked: string[] = [];
    window.showWarningMessage = async (message: string, options: vscode.MessageOptions) => {
      asked.push(`${message}\n${options.detail}`);
      return answers.shift();
    };
    return Object.assign(asked, { restore: () => (window.showWarningMessage = real) });
  }

  it('lists contexts without asking a cluster, and asks the one that is expanded', async () => {
    assert.deepEqual(server.requests, []);
    await expand('Kubernetes context lab,');
    await row('Node lab-node, this machine · containerd://1.7.2 · kubelet v1.29.3 · ready');
    await row('Node old-node, docker://20.10.12 · kubelet v1.23.1 · ready');
    await row('Dockershim check, 1: dockershim, removed in 1.24 · 1: dockershim, works until 1.24');
    await row('Kubernetes context lab, current · 4 nodes');
    assert.ok(server.requests.every(({ user }) => user === 'alice'));
  });

  it('joins a pod’s container with the one on this machine: the same shim, as ps tells it (screenshots)', async () => {
    await expand('Kubernetes context lab,');
    await expand('Node lab-node,');
    await expand('Pod lab/shop,');
    await expand('Container web of pod shop, this machine');
    const tasks = await printed('ctr', '--address', LAB.containerdSocket, '-n', 'k8s.io', 'tasks', 'list');
    const pid = new RegExp(`^${pod.containers.get('web')}\\s+(\\d+)`, 'm').exec(tasks)?.[1] ?? '';
    const shim = (await printed('ps', '-o', 'ppid=', '-p', pid)).trim();
    await row(`Shim, PID ${shim}`);
    await row('OCI config,');
    await inThemes(async (theme) => {
      await row('OCI config,');
      await driver.screenshot(`kubernetes-tree-${theme}`);
    });
    await collapse('Node lab-node,');
  });

  it('shows the cgroup path of a container on another machine, from its kubelet’s metrics', async () => {
    await expand('Kubernetes context lab,');
    await expand('Node old-node,');
    await expand('Pod lab/far,');
    await expand('Container worker of pod far,');
    await row(
      'Cgroup path: ',
      ({ description }) => description === `/kubepods/besteffort/poduid-far/${FAR}`,
      'is told',
    );
    assert.ok(server.requests.some(({ path }) => path === '/api/v1/nodes/old-node/proxy/metrics/cadvisor'));
    await collapse('Node old-node,');
  });

  it('runs a credential program only after the whole command line was shown and allowed', async () => {
    await expand('Kubernetes context cloud,');
    const allow = rowSelector('Allow this program…');
    // VS Code shows no modal dialog while tests run, so the test answers in its place; all around it is real.
    const asked = answerDialogs([undefined, 'Allow']);
    try {
      await driver.click(allow);
      await eventually(() => asked.length === 1, 'the user is asked');
      assert.ok(asked[0]?.includes(`${join(folder, 'login')} get-token`), asked[0]);
      await row('Kubernetes context cloud, cannot be asked as it is');
      assert.ok(!existsSync(join(folder, 'ran')));
      await driver.click(rowSelector('Reason:'));
      await driver.click(allow);
      await eventually(() => asked.length === 2, 'the user is asked again');
      // It is open, so it is asked now that it may be, as all that is open.
      await row('Kubernetes context cloud, 4 nodes');
    } finally {
      asked.restore();
    }
    assert.ok(existsSync(join(folder, 'ran')));
    assert.ok(server.requests.some(({ user }) => user === 'token:good-token'));
    await vscode.commands.executeCommand(COMMANDS.forgetCredentialPrograms);
    await row('Kubernetes context cloud, cannot be asked as it is');
  });

  it('opens the page of the check, with verdicts, evidence and the way on (screenshots)', async () => {
    await vscode.commands.executeCommand(COMMANDS.dockershimCheck, { contextName: 'lab' });
    const of = (node: string): string => `[data-context="lab"] [data-node="${node}"]`;
    await driver.webview.waitFor(of('old-node'));
    const verdicts = await Promise.all(
      ['lab-node', 'old-node', 'stale-node', 'broken-node'].map((node) => driver.webview.text(`${of(node)} .verdict`)),
    );
    assert.deepEqual(
      verdicts.map((text) => text.trim()),
      ['no dockershim', 'dockershim, works until 1.24', 'cri-dockerd', 'dockershim, removed in 1.24'],
    );
    assert.match(await driver.webview.text(of('stale-node')), /annotation is stale/);
    assert.match(await driver.webview.text(of('old-node')), /kubectl --context lab drain old-node/);
    await driver.webview.click(`${of('old-node')} .disclosure-toggle:has-text("Evidence")`);
    await driver.webview.waitFor(`${of('old-node')} .fact:has-text("/var/run/dockershim.sock")`);
    await driver.resize(1400, 1600);
    await inThemes(async (theme) => {
      await driver.webview.waitFor(of('old-node'));
      await driver.screenshot(`dockershim-${theme}`);
    });
  });
});
