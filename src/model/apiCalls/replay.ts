import { asArray, asRecord, memberAt, type UnknownRecord } from '../../util/records';
import type { CallTarget } from './copies';
import type { CreateRequest } from './createRequest';
import { pasteLine, visibleJson } from './paste';

/*
 * The same call as other programs make it: with dockerode, with Docker's Go SDK, with ctr, crictl and the OCI runtime itself.
 * What a way cannot express is said in a comment of the text, and what would act on the first container is not offered as a
 * command at all.
 */

/** Making a container with dockerode. */
export function dockerodeCreate(request: CreateRequest, target: CallTarget, body: UnknownRecord): string {
  const options = { ...(request.name === undefined ? {} : { name: request.name }), ...body };
  return dockerode(target, [
    `const container = await docker.createContainer(${literal(options)});`,
    'console.log(container.id);',
  ]);
}

/** A call on a container that exists, with dockerode; undefined for calls it has no word for. */
export function dockerodeCall(target: CallTarget, method: string, path: string): string | undefined {
  const [, id, verb] =
    /^(?:\/v[\d.]+)?\/containers\/([0-9a-f]{12,64})\/(start|stop|kill|pause|wait)(?:\?|$)/.exec(path) ?? [];
  if (method !== 'POST' || id === undefined || verb === undefined) return undefined;
  const query = Object.fromEntries(new URLSearchParams(path.split('?')[1] ?? ''));
  const options = Object.keys(query).length > 0 ? literal(query) : '';
  const call = `docker.getContainer('${id}').${verb}(${options})`;
  return dockerode(target, [verb === 'wait' ? `console.log(await ${call});` : `await ${call};`]);
}

function dockerode(target: CallTarget, lines: readonly string[]): string {
  return [
    '// npm install dockerode',
    "const Docker = require('dockerode');",
    `const docker = new Docker(${literal(dockerodeOptions(target))});`,
    '',
    'async function main() {',
    ...lines.map((line) => `  ${line}`),
    '}',
    'main();',
    '',
  ].join('\n');
}

function dockerodeOptions({ endpoint, apiVersion }: CallTarget): UnknownRecord {
  const version = `v${apiVersion}`;
  const socketPath = /^unix:\/\/(.*)$/.exec(endpoint)?.[1];
  if (socketPath !== undefined) return { socketPath, version };
  const [, host = endpoint, port] = /^(?:tcp|https?):\/\/(.*?)(?::(\d+))?$/.exec(endpoint) ?? [];
  return {
    protocol: endpoint.startsWith('https') ? 'https' : 'http',
    host,
    ...(port ? { port: Number(port) } : {}),
    version,
  };
}

/**
 * A value as JavaScript source. JSON is, but for the key __proto__, which in source would set the prototype: such a value is
 * parsed where it runs.
 */
function literal(value: unknown): string {
  const json = visibleJson(value);
  return json.includes('"__proto__"') ? `JSON.parse(${visibleJson(json)})` : json;
}

/** Making a container with Docker's Go SDK: the request's body is decoded into its types as dockerd itself does it. */
export function goCreate(request: CreateRequest, target: CallTarget, body: UnknownRecord): string {
  const { HostConfig: hostConfig = {}, NetworkingConfig: networkingConfig = {}, ...config } = body;
  return `// go get github.com/docker/docker/client@latest
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	docker, err := client.NewClientWithOpts(client.WithHost(${goString(target.endpoint)}), client.WithVersion(${goString(target.apiVersion)}))
	must(err)
	var config container.Config
	must(json.Unmarshal([]byte(${goString(visibleJson(config))}), &config))
	var host container.HostConfig
	must(json.Unmarshal([]byte(${goString(visibleJson(hostConfig))}), &host))
	var networks network.NetworkingConfig
	must(json.Unmarshal([]byte(${goString(visibleJson(networkingConfig))}), &networks))
	created, err := docker.ContainerCreate(context.Background(), &config, &host, &networks, nil, ${goString(request.name ?? '')})
	must(err)
	fmt.Println(created.ID)
}
`;
}

/** A text as Go source: between backquotes it stands for itself, and what cannot stand there is quoted. */
function goString(text: string): string {
  const shown = text.replace(/\p{Surrogate}/gu, '\ufffd');
  // eslint-disable-next-line no-control-regex -- what acts or cannot be seen is never copied as itself
  if (!/[`\r\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/.test(shown))
    return `\`${shown}\``;
  // JSON's escapes are Go's, but for characters beyond the basic plane, which visibleJson leaves as they are.
  return visibleJson(shown);
}

/** Where a containerd is, and in which of its namespaces a container lives. */
export interface CtrTarget {
  readonly address: string;
  readonly namespace: string;
}

/** What `ctr` needs to know to make the same again. */
export interface CtrSource extends CtrTarget {
  readonly id: string;
  /** Absolute; undefined when it is not known. */
  readonly bundle: string | undefined;
  readonly spec: unknown;
  readonly runtimeName: string;
}

/** The record of a container with ctr: the same spec under another id, and no process. */
export function ctrCreate(source: CtrSource): string {
  const { bundle, id, runtimeName } = source;
  if (bundle === undefined) return '# Not to be said with ctr: the bundle with config.json is not known or has gone.';
  return [
    ctrLine(source, [
      'containers',
      'create',
      '--runtime',
      runtimeName,
      '--config',
      `${bundle}/config.json`,
      `${id}-again`,
    ]),
    '# The same spec under another id, and no process. Not to be said with ctr: labels of the engine, the options of the',
    '# runtime (--root, cgroup driver) and a snapshot of its own: the root file system is that of the first container.',
  ].join('\n');
}

/** A task with ctr, where that harms nobody. */
export function ctrTask(source: CtrSource): string {
  const hooks = Object.entries(asRecord(memberAt(source.spec, 'hooks')) ?? {}).filter(
    ([, list]) => asArray(list).length > 0,
  );
  const joined = asArray(memberAt(source.spec, 'linux', 'namespaces')).filter(
    (one) => memberAt(one, 'path') !== undefined,
  );
  const look = ctrLine(source, ['tasks', 'ls']);
  const again = `${source.id}-again`;
  if (hooks.length > 0) {
    return [
      look,
      `# Not to be replayed: config.json has hooks (${hooks.map(([name]) => name.replace(/\W/g, '')).join(', ')}), which act on the first`,
      '# container wherever they are run from. The line above shows the task instead.',
    ].join('\n');
  }
  const root = memberAt(source.spec, 'root', 'path');
  if (typeof root !== 'string' || !root.startsWith('/')) {
    return [
      look,
      '# Not to be replayed: the root file system is a snapshot that the shim mounts into the bundle, and a record that is made',
      '# from config.json alone has none. The line above shows the task instead.',
    ].join('\n');
  }
  return [
    ctrLine(source, ['tasks', 'start', '--detach', '--null-io', again]),
    '# ctr asks for Tasks/Create and Tasks/Start in one. It needs the record that the replay of Containers/Create makes.',
    ...(memberAt(source.spec, 'linux', 'cgroupsPath') === undefined
      ? []
      : ['# The spec names a cgroup: the new task shares it, and its limits, with the first container.']),
    ...(joined.length > 0 ? ['# The spec names namespaces by path: the new task joins them.'] : []),
  ].join('\n');
}

/** One line of ctr. */
export function ctrLine({ address, namespace }: CtrTarget, words: readonly string[]): string {
  return pasteLine(['ctr', '--address', address, '--namespace', namespace, ...words]);
}

/** The calls of a kubelet, with crictl, which reads configs from files. */
export function crictl(
  endpoint: string,
  method: 'RunPodSandbox' | 'CreateContainer' | 'StartContainer',
  ids: { readonly sandbox: string | undefined; readonly container: string },
  config: unknown,
): string {
  const line = (words: readonly string[]): string => pasteLine(['crictl', '--runtime-endpoint', endpoint, ...words]);
  const file = (name: string): string => `${pasteLine(['printf', '%s', visibleJson(config)])} > ${name}`;
  switch (method) {
    case 'RunPodSandbox':
      return [
        file('pod.json'),
        line(['runp', 'pod.json']),
        '# A pod of this name, namespace, uid and attempt exists already: change metadata.attempt in pod.json for another.',
      ].join('\n');
    case 'CreateContainer':
      return [
        file('container.json'),
        `# pod.json: the config of the sandbox, as the replay of RunPodSandbox writes it.`,
        line(['create', ids.sandbox ?? 'SANDBOX', 'container.json', 'pod.json']),
      ].join('\n');
    case 'StartContainer':
      return line(['start', ids.container]);
  }
}

/** The OCI runtime's own command. */
export function runtimeCommand(
  words: readonly string[],
  verb: 'create' | 'start',
  root: string | undefined,
  id: string,
): string {
  const [program = 'runc'] = words;
  const state = pasteLine([program, ...(root === undefined ? [] : ['--root', root]), 'state', id]);
  return [
    pasteLine(words),
    verb === 'create'
      ? '# As the shim has run it. The container exists, so the runtime refuses it now; for another, give another id, --pid-file and --bundle.'
      : '# As the shim has run it. A container can be started once; the runtime refuses it now.',
    `# What it left behind: ${state}`,
  ].join('\n');
}
