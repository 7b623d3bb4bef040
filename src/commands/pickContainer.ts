import * as vscode from 'vscode';
import { plain } from '../host/messages';
import type { Container } from '../model/container';
import type { RuntimeStore } from '../store/store';
import { shortId } from '../util/text';
import { nameOf } from '../views/tree/ids';
import { stateIcon, stateWord } from '../views/tree/states';

interface ContainerItem extends vscode.QuickPickItem {
  readonly containerId: string;
}

/** Asks for a container, any but `besides`. Undefined when the user leaves. @throws when this machine could not be looked at */
export async function pickContainer(store: RuntimeStore, title: string, besides?: string): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(itemsOf(store, besides), {
    title,
    placeHolder: vscode.l10n.t('Choose a container by its name, image, state or id'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.containerId;
}

async function itemsOf(store: RuntimeStore, besides: string | undefined): Promise<ContainerItem[]> {
  const { containers } = await store.inventory();
  return containers.filter(({ id }) => id !== besides).map(toItem);
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
