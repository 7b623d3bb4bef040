import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { plain } from '../host/messages';
import type { Layer } from '../model/layer';
import { RuntimeError } from '../model/problem';
import { shellLine } from '../util/text';
import type { CommandParts, CommandTable } from './parts';
import { targetOf } from './target';

type Awaiting = Layer & Required<Pick<Layer, 'awaits'>>;

/** The command that lets ssh be run for an engine on another host. */
export function sshCommands(parts: CommandParts): CommandTable {
  const { programs, store, layers } = parts;
  return {
    [COMMANDS.connectOverSsh]: async (argument) => {
      const layer = await layerOf(parts, targetOf(argument).layerId);
      if (!layer || !(await confirmed(layer))) return;
      await programs.allow(layer.awaits.fingerprint);
      await store.refresh('asked by the user');
      layers.redrawAll();
    },
  };
}

/** Shows the whole command line before anything is run, and asks. */
async function confirmed({ endpoint, awaits }: Awaiting): Promise<boolean> {
  const allow = vscode.l10n.t('Allow');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Run ssh to reach the engine at {0}?', plain(endpoint ?? '')),
    {
      modal: true,
      detail: [
        plain(shellLine(awaits.argv), 2000),
        vscode.l10n.t(
          'It is what the docker command line runs for this endpoint. Your own ssh configuration counts, and may run further programs (ProxyCommand). It never waits for a password.',
        ),
        vscode.l10n.t(
          'It runs with your rights while the view or a page is seen. This is remembered for this very command line and this machine; “Forget Allowed Credential Programs” takes it back.',
        ),
      ].join('\n\n'),
    },
    allow,
  );
  return answer === allow;
}

/** The engine that a row means, else the one that the user picks. @throws RuntimeError when none awaits it */
async function layerOf({ store }: CommandParts, layerId: string | undefined): Promise<Awaiting | undefined> {
  const { layers } = await store.inventory();
  const elsewhere = store.others.flatMap(({ current }) => current?.layers ?? []);
  const awaiting = [...layers, ...elsewhere].filter((layer): layer is Awaiting => layer.awaits !== undefined);
  if (layerId !== undefined) return awaiting.find(({ id }) => id === layerId);
  if (awaiting.length === 0) {
    throw new RuntimeError({
      code: 'absent',
      what: 'Connecting over ssh',
      reason: 'No engine behind ssh waits for your permission.',
      remedy:
        'Name it: docker context use NAME, DOCKER_HOST=ssh://…, or the setting containerRuntime.docker.endpoints.',
    });
  }
  if (awaiting.length === 1) return awaiting[0];
  const items = awaiting.map((layer) => ({ label: plain(layer.endpoint ?? layer.name, 200), layer }));
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Connect Over SSH') });
  return picked?.layer;
}
