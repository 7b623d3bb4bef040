import * as vscode from 'vscode';
import { COMMANDS, LAYERS_VIEW } from '../../src/contributions';
import { eventually } from '../support/fakeAdapter';
import { driver } from './driver';

/** A row of the tree as a screen reader hears it, and as it is drawn. */
export interface Row {
  /** The row in words. */
  readonly spoken: string;
  readonly label: string;
  readonly description: string;
  readonly level: number;
  readonly expanded: boolean | undefined;
  readonly selected: boolean;
}

export const ROWS = '.customview-tree .monaco-list-row';

/** Shows the view, without a filter, grouped by layer. */
export async function openTree(): Promise<void> {
  await vscode.commands.executeCommand(`${LAYERS_VIEW}.focus`);
  await vscode.commands.executeCommand(COMMANDS.clearFilter);
  await vscode.commands.executeCommand(COMMANDS.groupByLayer);
  await row('Runtime layer ');
}

/** The rows that are on the screen now, top to bottom. */
export async function rows(): Promise<Row[]> {
  return driver.evaluate<Row[]>(`() => [...document.querySelectorAll('${ROWS}')]
    .map((row) => ({
      at: row.getBoundingClientRect().top,
      spoken: row.getAttribute('aria-label') ?? '',
      label: row.querySelector('.label-name')?.textContent ?? '',
      description: row.querySelector('.label-description')?.textContent ?? '',
      level: Number(row.getAttribute('aria-level')),
      expanded: row.hasAttribute('aria-expanded') ? row.getAttribute('aria-expanded') === 'true' : undefined,
      selected: row.getAttribute('aria-selected') === 'true',
    }))
    .sort((a, b) => a.at - b.at)
    .map(({ at, ...row }) => row)`);
}

/**
 * Waits until a row on the screen begins with these words and meets the condition. A row is named by its beginning, because
 * what follows ("Up 3 minutes") changes with time.
 */
export async function row(
  beginning: string,
  condition: (row: Row) => boolean = () => true,
  what = 'is there',
): Promise<Row> {
  let found: Row | undefined;
  await tree((seen) => {
    found = seen.find((one) => one.spoken.startsWith(beginning) && condition(one));
    return found !== undefined;
  }, `the row “${beginning}” ${what}`);
  return found as unknown as Row;
}

/** Waits until the rows on the screen meet the condition; a failure tells what they are. */
export async function tree(condition: (rows: Row[]) => boolean, what: string): Promise<Row[]> {
  let seen: Row[] = [];
  await eventually(async () => condition((seen = await rows())), what).catch((error: unknown) => {
    const list = seen.map(({ level, label, description }) => `${'  '.repeat(level)}${label} — ${description}`);
    throw new Error(`${String(error)}. The tree shows:\n${list.join('\n')}`);
  });
  return seen;
}

/** The rows below a row, with the rows below those. */
export function below(seen: readonly Row[], beginning: string): Row[] {
  const at = seen.findIndex(({ spoken }) => spoken.startsWith(beginning));
  if (at < 0) return [];
  const level = seen[at]?.level ?? 0;
  const end = seen.findIndex((one, index) => index > at && one.level <= level);
  return seen.slice(at + 1, end < 0 ? undefined : end);
}

/** Expands a row by its twistie, as people do, and waits until it is open. */
export async function expand(beginning: string): Promise<void> {
  await setExpanded(beginning, true);
}

/** Collapses a row by its twistie. */
export async function collapse(beginning: string): Promise<void> {
  await setExpanded(beginning, false);
}

async function setExpanded(beginning: string, wanted: boolean): Promise<void> {
  const { expanded } = await row(beginning, (one) => one.expanded !== undefined, 'can be expanded');
  if (expanded === wanted) return;
  await driver.click(`${rowSelector(beginning)} .monaco-tl-twistie`);
  await row(beginning, (one) => one.expanded === wanted, wanted ? 'is expanded' : 'is collapsed');
}

/** The selector of the row that begins with these words. */
export function rowSelector(beginning: string): string {
  return `${ROWS}[aria-label^=${JSON.stringify(beginning)}]`;
}

/** Types a filter into the command's input box. */
export async function filter(text: string): Promise<void> {
  const done = vscode.commands.executeCommand(COMMANDS.filter);
  await driver.waitFor('.quick-input-widget input');
  await driver.press('Control+A');
  await driver.type(text);
  await driver.press('Enter');
  await done;
}

/** Makes one layer's rows the only ones below a layer, so that all that counts is on the screen. */
export async function onlyLayer(name: string): Promise<void> {
  for (const { spoken, expanded } of await rows()) {
    if (expanded !== true || !spoken.startsWith('Runtime layer ')) continue;
    const beginning = spoken.split(',')[0] ?? spoken;
    if (beginning !== `Runtime layer ${name}`) await collapse(`${beginning},`);
  }
  await expand(`Runtime layer ${name},`);
}
