import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { plain } from '../host/messages';
import type { StreamState } from '../model/trace/trace';
import { visible } from '../util/text';
import type { CommandParts, CommandTable } from './parts';

/** The command that watches the next container come to be. */
export function traceCommands(parts: CommandParts): CommandTable {
  return { [COMMANDS.traceNextContainer]: () => trace(parts) };
}

/** Waits, cancellable, and opens the page as soon as something begins; the page then follows by itself. */
async function trace({ tracer, births, panels, recording, store }: CommandParts): Promise<void> {
  await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Trace Next Container'),
      cancellable: true,
    },
    async (progress, token) => {
      const controller = new AbortController();
      const cancellation = token.onCancellationRequested(() => controller.abort());
      let shown: string | undefined;
      const following = births.onDidChange((containerId) => {
        if (shown === containerId || births.traceOf(containerId)?.live !== true) return;
        shown = containerId;
        progress.report({ message: vscode.l10n.t('{0} begins…', visible(containerId.slice(0, 12), 20)) });
        void panels.show('birth', containerId);
      });
      progress.report({ message: vscode.l10n.t('Connecting…') });
      try {
        const done = await tracer.next(
          (streams) => progress.report({ message: waitingFor(streams, recording.isRecording) }),
          controller.signal,
        );
        // What the relay wrote last, and what the layers know by now, complete the page.
        await recording.look();
        await store.refresh('event').catch(() => undefined);
        births.keep(done);
      } finally {
        following.dispose();
        cancellation.dispose();
      }
    },
  );
}

/** What is waited for, and what cannot be heard. */
function waitingFor(streams: readonly StreamState[], recording: boolean): string {
  const heard = streams.filter(({ state }) => state === 'connected').map(({ name }) => name);
  const deaf = streams.filter(({ state }) => state !== 'connected');
  const lines = [
    vscode.l10n.t('Waiting for a container to start: run one now. Listening to {0}.', heard.join(', ')),
    ...deaf.map(({ name, reason }) => vscode.l10n.t('Not to {0}: {1}', name, reason ?? '')),
    ...(recording ? [] : [vscode.l10n.t('HTTP calls are not recorded, so they will be reconstructed.')]),
  ];
  return plain(lines.join(' '), 600);
}
