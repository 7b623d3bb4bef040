import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { plain } from '../host/messages';
import type { KubeContext } from '../model/kubernetes/context';
import { RuntimeError } from '../model/problem';
import { maskArgs } from '../model/secrets';
import { asRecord, asString } from '../util/records';
import { shellLine } from '../util/text';
import type { CommandParts, CommandTable } from './parts';
import { subjectOf } from './target';

/** The commands about Kubernetes clusters. */
export function kubernetesCommands(parts: CommandParts): CommandTable {
  const { programs, store, layers, panels } = parts;
  return {
    [COMMANDS.dockershimCheck]: async (argument) => {
      const context = await contextOf(parts, argument, vscode.l10n.t('Dockershim Check'));
      if (!context) return;
      await askCluster(parts, context);
      await panels.showHost('dockershim');
    },
    [COMMANDS.allowCredentialProgram]: async (argument) => {
      const title = vscode.l10n.t('Allow Credential Program');
      const context = await contextOf(parts, argument, title, ({ auth }) => auth.kind === 'exec' && !auth.allowed);
      if (context?.auth.kind !== 'exec' || !(await confirmed(context, context.auth))) return;
      await programs.allow(context.auth.fingerprint);
      await store.refresh('asked by the user');
      layers.redrawAll();
    },
    [COMMANDS.forgetCredentialPrograms]: async () => {
      const count = await programs.forget();
      parts.clusters.forget();
      if (store.current) await store.refresh('asked by the user');
      layers.redrawAll();
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Forgotten: {0}. No credential program is run until you allow it again.', count),
      );
    },
  };
}

/** Asks a cluster, with a sign of it that can be cancelled. */
async function askCluster({ clusters, layers }: CommandParts, { name }: KubeContext): Promise<void> {
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Asking the cluster of {0}', plain(name, 80)),
      cancellable: true,
    },
    async (_, token) => {
      const stop = token.onCancellationRequested(() => clusters.forget());
      try {
        await clusters.cluster(name).promise;
      } finally {
        stop.dispose();
      }
    },
  );
  layers.redrawAll();
}

/** Shows the whole command line before anything is run, and asks. */
async function confirmed(context: KubeContext, auth: Extract<KubeContext['auth'], { kind: 'exec' }>): Promise<boolean> {
  const allow = vscode.l10n.t('Allow');
  const variables = auth.envNames.length > 0 ? vscode.l10n.t('With the variables {0}.', auth.envNames.join(', ')) : '';
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Run this program for the context {0}?', plain(context.name, 80)),
    {
      modal: true,
      detail: [
        plain(shellLine(maskArgs(auth.argv)), 2000),
        variables,
        vscode.l10n.t('{0} names it, to tell {1} who you are.', plain(context.file), plain(context.server ?? '')),
        vscode.l10n.t(
          'It runs with your rights, each time this cluster is asked and its last answer has expired. This is remembered for this context, this very command line and this machine.',
        ),
      ]
        .filter(Boolean)
        .join('\n\n'),
    },
    allow,
  );
  return answer === allow;
}

interface ContextItem extends vscode.QuickPickItem {
  readonly context: KubeContext;
}

/** The context that a row or a link means, else the one that the user picks. @throws RuntimeError when there is none */
async function contextOf(
  { store }: CommandParts,
  argument: unknown,
  title: string,
  fits: (context: KubeContext) => boolean = () => true,
): Promise<KubeContext | undefined> {
  const subject = subjectOf(argument);
  const named = subject?.kind === 'kube' ? subject.contextName : asString(asRecord(argument)?.contextName);
  const all = (await store.inventory()).layers.flatMap(({ kubeContexts }) => kubeContexts ?? []);
  if (named !== undefined) return all.find(({ name }) => name === named);
  const contexts = all.filter(fits);
  if (contexts.length === 0) {
    throw new RuntimeError({
      code: 'absent',
      what: title,
      reason: 'There is no Kubernetes context for it.',
      remedy: 'Name your kubeconfig in KUBECONFIG or in the setting containerRuntime.kubernetes.kubeconfigs.',
    });
  }
  const items = contexts.map((context): ContextItem => ({
    label: plain(context.name, 100),
    description: [context.current ? vscode.l10n.t('current') : '', plain(context.server ?? '', 120)]
      .filter(Boolean)
      .join(' · '),
    ...(context.obstacle ? { detail: plain(context.obstacle.reason, 200) } : {}),
    context,
  }));
  items.sort((a, b) => Number(b.context.current) - Number(a.context.current));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: vscode.l10n.t('Choose the context whose cluster to ask'),
  });
  return picked?.context;
}
