import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { plain } from '../host/messages';
import type { Container } from '../model/container';
import { findContainer } from '../model/inventory';
import { RuntimeError } from '../model/problem';
import { nameOf } from '../views/tree/ids';
import type { CommandParts, CommandTable } from './parts';
import { pickContainer } from './pickContainer';
import { targetOf } from './target';

/** The commands about reader containers: the one thing that is ever made on an engine, and only when the user says so. */
export function readerCommands(parts: CommandParts): CommandTable {
  const { store, readers, panels } = parts;
  return {
    [COMMANDS.readThroughContainer]: async (argument) => {
      const title = vscode.l10n.t('Read config.json Through a Reader Container');
      const id = targetOf(argument).containerId ?? (await pickContainer(store, title));
      if (id === undefined) return;
      const inventory = await store.inventory();
      const container = findContainer(inventory, id);
      const engine = inventory.layers.find(
        (layer) => layer.kind === 'engine' && container?.layers.includes(layer.id) === true,
      );
      if (!container || engine?.endpoint === undefined) {
        throw new RuntimeError({
          code: 'unsupported',
          what: title,
          reason: 'No Docker Engine that can be asked knows this container.',
          remedy: 'This works for containers of Docker alone.',
        });
      }
      if (!(await confirmed(parts, container, engine.endpoint))) return;
      await read(parts, container);
      await panels.show('config', container.id);
    },
    [COMMANDS.forgetReaderPermissions]: async () => {
      const count = await readers.forget();
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Forgotten: {0}. You are asked again before a reader container is made.', count),
      );
    },
  };
}

/** Says what will be done, and asks; an engine that the user has allowed is asked for no more, in a trusted workspace. */
async function confirmed(parts: CommandParts, container: Container, endpoint: string): Promise<boolean> {
  const machine = await parts.machineId();
  const { isTrusted } = vscode.workspace;
  if (isTrusted && parts.readers.isAllowed(machine, endpoint)) return true;
  const once = vscode.l10n.t('Read Once');
  const always = vscode.l10n.t('Read, and Remember for This Engine');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('Let the engine hand over the config.json of {0}?', plain(nameOf(container), 80)),
    {
      modal: true,
      detail: [
        vscode.l10n.t('This is done on {0}:', plain(endpoint)),
        [
          vscode.l10n.t('1. An image without any file is imported. Nothing is pulled.'),
          vscode.l10n.t(
            '2. A container is created from it that sees the bundle of this container (and, to find it, its shim’s folder in /proc), read-only. It is never started: no process runs.',
          ),
          vscode.l10n.t('3. The engine reads config.json through it and hands it over.'),
          vscode.l10n.t('4. The container and the image are removed at once.'),
        ].join('\n'),
        vscode.l10n.t(
          'Others who watch the engine see it come and go. config.json holds the container’s environment; secrets stay masked until you reveal them.',
        ),
      ].join('\n\n'),
    },
    once,
    ...(isTrusted ? [always] : []),
  );
  if (answer === always) await parts.readers.allow(machine, endpoint);
  return answer === once || answer === always;
}

/** Reads, with a sign of it that can be cancelled; what was made is removed all the same. */
async function read({ readThroughContainer }: CommandParts, container: Container): Promise<void> {
  const stop = new AbortController();
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Reading the config.json of {0}', plain(nameOf(container), 80)),
      cancellable: true,
    },
    async (_, token) => {
      const cancelling = token.onCancellationRequested(() => stop.abort());
      try {
        await readThroughContainer(container.id, stop.signal);
      } finally {
        cancelling.dispose();
      }
    },
  );
}
