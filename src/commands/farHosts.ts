import * as vscode from 'vscode';
import { parseDockerAddress } from '../adapters/docker/address';
import { COMMANDS, SETTINGS } from '../contributions';
import { plain } from '../host/messages';
import { readSettings } from '../host/settings';
import type { FarHost } from '../store/farHost';
import { said } from '../views/l10n';
import type { CommandParts, CommandTable } from './parts';
import { keyOf } from './snapshots';

/** The commands about live hosts beside this machine. Which there are is kept in the user's settings. */
export function farHostCommands(parts: CommandParts): CommandTable {
  return {
    [COMMANDS.addEndpoint]: () => add(parts),
    [COMMANDS.removeEndpoint]: async (argument) => {
      const host = await hostOf(
        parts,
        argument,
        vscode.l10n.t('Remove Endpoint'),
        ({ about }) => about.added !== undefined,
      );
      if (!host) return;
      const kept = readSettings().addedHosts.filter((text) => text !== host.about.added);
      await keep(SETTINGS.addedHosts, kept, parts);
    },
    [COMMANDS.hideHost]: async (argument) => {
      const host = await hostOf(parts, argument, vscode.l10n.t('Hide Host'), () => true);
      if (host) await keep(SETTINGS.hiddenHosts, [...readSettings().hiddenHosts, host.about.name], parts);
    },
    [COMMANDS.showHiddenHosts]: () => keep(SETTINGS.hiddenHosts, undefined, parts),
    [COMMANDS.disconnectHost]: async (argument) => {
      const isDialled = ({ connection }: FarHost): boolean => connection.state !== 'none';
      const host = await hostOf(parts, argument, vscode.l10n.t('Disconnect Host'), isDialled);
      if (!host) return;
      parts.panels.closeOf(host.about.key);
      parts.hosts.far.disconnect(host.about.key);
    },
  };
}

async function add(parts: CommandParts): Promise<void> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add Endpoint'),
    prompt: vscode.l10n.t(
      'Where an engine listens. It is shown as a host of its own, and connected when you expand it.',
    ),
    placeHolder: 'ssh://user@host, tcp://host:2375, unix:///path/docker.sock',
    ignoreFocusOut: true,
    validateInput: (text) => {
      const parsed = parseDockerAddress(text.trim());
      return 'refused' in parsed && text !== '' ? said(parsed.refused) : undefined;
    },
  });
  const text = typed?.trim();
  if (!text) return;
  const { addedHosts } = readSettings();
  if (!addedHosts.includes(text)) await keep(SETTINGS.addedHosts, [...addedHosts, text], parts);
  const host = parts.hosts.others.find(({ about }) => about.added === text);
  if (host) await parts.layers.revealHost(host.about.key, false);
}

/** Keeps a list in the user's own settings, and shows what it leads to. Absent: as if it had never been set. */
async function keep(setting: string, list: readonly string[] | undefined, { hosts }: CommandParts): Promise<void> {
  const target = vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration().update(setting, list?.length === 0 ? undefined : list, target);
  await hosts.far.update();
}

/** The host of a row, else the one that the user picks among those that fit. */
async function hostOf(
  { hosts }: CommandParts,
  argument: unknown,
  title: string,
  fits: (host: FarHost) => boolean,
): Promise<FarHost | undefined> {
  await hosts.ready();
  const named = hosts.far.get(keyOf(argument));
  if (named) return named;
  const items = hosts.others.filter(fits).map((host) => ({
    label: plain(host.about.name, 80),
    description: plain(host.about.endpoint),
    host,
  }));
  const placeHolder = vscode.l10n.t('Choose a host beside this machine');
  return (await vscode.window.showQuickPick(items, { title, placeHolder }))?.host;
}
