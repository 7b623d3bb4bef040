import { createHash } from 'node:crypto';
import { authWords, type KubeAuth, type KubeContext } from '../../model/kubernetes/context';
import { known } from '../../model/fact';
import type { LayerReport } from '../../model/layer';
import type { Problem } from '../../model/problem';
import { asArray, asRecord, asString, asStrings } from '../../util/records';
import { counted, visible } from '../../util/text';
import type { KubeUser, Kubeconfig, LoadedContext } from './kubeconfig';

/** The identity of the layer of Kubernetes' clients. */
export const KUBERNETES_LAYER = 'client:kubernetes';

/** What of this machine and its user counts for a context. */
export interface ContextRules {
  /** Something that other machines do not have: a permission to run a program is given for one machine. */
  readonly machine: string;
  /** Whether the user has allowed the program of this fingerprint. */
  readonly isAllowed: (fingerprint: string) => boolean;
}

/** A context as it may be shown, and why it cannot be asked if so. */
export function shownContext(loaded: LoadedContext, { currentContext }: Kubeconfig, rules: ContextRules): KubeContext {
  const { context, cluster, user, file } = loaded;
  const auth = authOf(loaded, rules);
  const server = cluster && serverOf(cluster.server);
  const obstacle = obstacleOf(loaded, auth, server);
  return {
    name: context.name,
    cluster: context.cluster,
    file,
    auth,
    current: context.name === currentContext,
    insecure: cluster?.skipTLSVerify === true,
    ...(asString(context.user) && user ? { user: context.user } : {}),
    ...(asString(context.namespace) ? { namespace: context.namespace } : {}),
    ...(server ? { server: server.href.replace(/\/$/, '') } : {}),
    ...(obstacle ? { obstacle } : {}),
  };
}

/** A server's URL without user and password; undefined for anything but http and https. */
export function serverOf(text: string): URL | undefined {
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
    url.username = url.password = url.search = url.hash = '';
    return url;
  } catch {
    return undefined;
  }
}

function authOf({ context, cluster, user }: LoadedContext, { machine, isAllowed }: ContextRules): KubeAuth {
  if (!user) return { kind: 'none' };
  const exec = execOf(user);
  // kubectl takes what is written down before it runs a program.
  if (user.certData || user.certFile) return { kind: 'certificate' };
  if (user.tokenFile) return { kind: 'token-file' };
  if (user.token) return { kind: 'token' };
  if (user.username) return { kind: 'password' };
  if (exec) {
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([machine, context.name, cluster?.server ?? '', exec.argv, exec.env]))
      .digest('hex');
    const { argv, env } = exec;
    return { kind: 'exec', argv, envNames: env.map(([name]) => name), fingerprint, allowed: isAllowed(fingerprint) };
  }
  const provider = asString(asRecord(user.authProvider)?.name);
  return provider ? { kind: 'auth-provider', name: provider } : { kind: 'none' };
}

/** The program of a user entry. */
export interface ExecEntry {
  readonly argv: readonly string[];
  readonly env: readonly (readonly [string, string])[];
  readonly apiVersion: string;
  readonly interactive: boolean;
  readonly provideClusterInfo: boolean;
}

/** Reads the `exec` of a user entry. Source: client-go tools/clientcmd/api/v1, ExecConfig. */
export function execOf(user: KubeUser): ExecEntry | undefined {
  const exec = asRecord(user.exec);
  const command = asString(exec?.command);
  if (!exec || !command) return undefined;
  const env = asArray(exec.env).flatMap((item): [string, string][] => {
    const name = asString(asRecord(item)?.name);
    return name ? [[name, asString(asRecord(item)?.value) ?? '']] : [];
  });
  return {
    argv: [command, ...asStrings(exec.args)],
    env,
    apiVersion: asString(exec.apiVersion) ?? 'client.authentication.k8s.io/v1',
    interactive: exec.interactiveMode === 'Always',
    provideClusterInfo: exec.provideClusterInfo === true,
  };
}

function obstacleOf(
  { context, cluster, user, file }: LoadedContext,
  auth: KubeAuth,
  server: URL | undefined,
): Problem | undefined {
  const what = `Using the context ${visible(context.name, 100)}`;
  const refuse = (code: Problem['code'], reason: string, remedy: string): Problem => ({ code, what, reason, remedy });
  if (!cluster) {
    return refuse(
      'absent',
      `No kubeconfig has its cluster “${visible(context.cluster, 100)}”.`,
      `Correct the context in ${file}.`,
    );
  }
  if (!server) {
    return refuse('malformed', 'The server of its cluster is no http or https URL.', `Correct the cluster in ${file}.`);
  }
  if (asString(context.user) && !user) {
    return refuse(
      'absent',
      `No kubeconfig has its user “${visible(context.user, 100)}”.`,
      `Correct the context in ${file}.`,
    );
  }
  if (cluster.proxyUrl) {
    return refuse(
      'unsupported',
      'Its API server is reached through a proxy (proxy-url), and those are not dialled.',
      'Run kubectl proxy for it, and name http://127.0.0.1:8001 as server in a context of its own.',
    );
  }
  switch (auth.kind) {
    case 'exec':
      if (user && execOf(user)?.interactive) {
        return refuse(
          'unsupported',
          `Its user is told by the program ${visible(auth.argv[0] ?? '', 200)}, which needs a terminal (interactiveMode: Always).`,
          'Run kubectl proxy for it, and name http://127.0.0.1:8001 as server in a context of its own.',
        );
      }
      return auth.allowed
        ? undefined
        : refuse(
            'denied',
            `Its user is told by the program ${visible(auth.argv[0] ?? '', 200)}, and no program is ever run without your word.`,
            'Allow it for this context on this machine: the command Allow Credential Program shows the whole command line first.',
          );
    case 'auth-provider':
      return refuse(
        'unsupported',
        `Its user is told by the auth provider ${visible(auth.name, 60)}, which kubectl itself has dropped (gcp and azure with 1.26) or which renews tokens by itself.`,
        'Use an exec program in the kubeconfig, as the provider’s own tool sets it up, or a token of a service account.',
      );
    case 'certificate':
    case 'token':
    case 'token-file':
    case 'password':
    case 'none':
      return undefined;
  }
}

/** The layer above all others, for Kubernetes: which clusters kubectl would talk to. It knows no containers by itself. */
export function kubernetesLayer(config: Kubeconfig, contexts: readonly KubeContext[]): LayerReport[] {
  if (config.files.length === 0 && config.problems.length === 0) return [];
  const source = config.files.length > 0 ? config.files.join(', ') : 'kubeconfig';
  const row = (label: string, value: string, how: string): LayerReport['details'][number] => ({
    label,
    fact: known('derived', value, source, how),
  });
  const current = contexts.find((context) => context.current);
  const problem: Problem | undefined =
    config.problems.length === 0
      ? undefined
      : {
          code: config.files.length > 0 ? 'malformed' : 'absent',
          what: 'Reading the kubeconfig files',
          reason: config.problems.join(' '),
          remedy: 'Correct these files, or the variable or setting that names them.',
        };
  return [
    {
      id: KUBERNETES_LAYER,
      kind: 'client',
      name: 'Kubernetes',
      status: problem === undefined ? 'ok' : config.files.length > 0 ? 'partly' : 'failed',
      ...(problem ? { problem } : {}),
      ...(current?.server ? { endpoint: current.server } : {}),
      details: [
        row(
          'Current context',
          `${visible(config.currentContext ?? 'none', 100)}: ${config.currentBecause}`,
          'kubectl config current-context',
        ),
        row('Files', `${config.files.join(', ') || 'none'}: ${config.filesBecause}`, 'kubectl config view'),
        row('Contexts', counted(contexts.length, 'context'), 'kubectl config get-contexts'),
        ...(current
          ? [
              row(
                'Current user',
                `${current.user ?? 'none'}, ${authWords(current.auth)}`,
                'kubectl config view --minify',
              ),
            ]
          : []),
      ],
      kubeContexts: contexts,
    },
  ];
}
