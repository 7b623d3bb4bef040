import * as vscode from 'vscode';
import { plain } from '../host/messages';
import type { Container } from '../model/container';
import type { HostsStore } from '../store/hosts';
import { shortId } from '../util/text';
import { nameOf } from '../views/tree/ids';
import { stateIcon, stateWord } from '../views/tree/states';

interface ContainerItem extends vscode.QuickPickItem {
  readonly containerId: string;
}

type Separator = vscode.QuickPickItem & { readonly kind: vscode.QuickPickItemKind.Separator };

/**
 * Asks for a container, one of those that can be meant. Undefined when the user leaves.
 *
 * @throws when this machine could not be looked at
 */
export async function pickContainer(
  store: HostsStore,
  title: string,
  canBe: (container: Container) => boolean = () => true,
): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(itemsOf(store, canBe), {
    title,
    placeHolder: vscode.l10n.t('Choose a container by its name, image, state or id'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked && 'containerId' in picked ? picked.containerId : undefined;
}

/** This machine's containers, then those of each snapshot. */
async function itemsOf(
  store: HostsStore,
  canBe: (container: Container) => boolean,
): Promise<(ContainerItem | Separator)[]> {
  const { containers } = await store.inventory();
  const items = (all: readonly Container[]): ContainerItem[] => all.filter(canBe).map(toItem);
  return [
    ...items(containers),
    ...store.snapshots.flatMap(({ about, current }) => [
      { label: plain(about.name, 80), kind: vscode.QuickPickItemKind.Separator as const },
      ...items(current.containers),
    ]),
  ];
}

function toItem(container: Container): ContainerItem {
  const icon = stateIcon(container.state);
  return {
    label: plain(nameOf(container), 120),
    description: plain(
      [container.image, container.stateText ?? stateWord(container.state)].filter(Boolean).join(' · '),
    ),
    detail: plain(shortId(container.runtimeId)),
    iconPath: new vscode.ThemeIcon(icon.id, icon.color === undefined ? undefined : new vscode.ThemeColor(icon.color)),
    containerId: container.id,
  };
}
