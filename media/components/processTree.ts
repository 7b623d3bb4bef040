import type { ProcessRow } from '../../src/protocol/pages';
import { h } from '../dom';
import { roving } from './roving';
import { ago } from './time';
import { l10n } from '../l10n';

/** More rows than this are cut, and the table says so: nobody reads them, and the page must stay quick. */
const SHOWN_ROWS = 500;

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: l10n.t('waiting for I/O'),
  Z: 'zombie',
  T: 'stopped',
  t: 'traced',
  I: 'idle',
  X: 'dead',
};

/** Processes as a table whose first column is a tree. */
export function processTree(rows: readonly ProcessRow[], label: string): HTMLElement {
  const body = h('tbody', {});
  const lines = rows.slice(0, SHOWN_ROWS).map((row, index) => line(row, index));
  body.append(...lines);
  roving(body, lines);
  const titles = [
    'PID',
    l10n.t('In container'),
    l10n.t('Role'),
    l10n.t('State'),
    l10n.t('User'),
    l10n.t('Started'),
    l10n.t('Command'),
  ];
  return h(
    'div',
    { class: 'scroll-x', attributes: { 'data-scroll': 'processes' } },
    h(
      'table',
      { class: 'table processes', attributes: { role: 'treegrid', 'aria-label': label } },
      h('thead', {}, h('tr', {}, ...titles.map((title) => h('th', { attributes: { scope: 'col' } }, title)))),
      body,
    ),
    rows.length > SHOWN_ROWS &&
      h('p', { class: 'muted' }, l10n.t('{0} more processes are not shown.', rows.length - SHOWN_ROWS)),
  );
}

function line(
  { pid, depth, containerPid, command, startedAt, state, uid, role }: ProcessRow,
  index: number,
): HTMLElement {
  const pidCell = h(
    'td',
    { class: 'mono pid' },
    h('span', { class: depth === 0 ? '' : 'branch', attributes: { 'aria-hidden': 'true' } }, depth === 0 ? '' : '└ '),
    String(pid),
  );
  pidCell.style.paddingInlineStart = `${10 + depth * 18}px`;
  return h(
    'tr',
    { key: `process:${pid}`, attributes: { 'aria-level': depth + 1, 'data-index': index } },
    pidCell,
    h('td', { class: 'mono' }, containerPid === undefined ? '–' : String(containerPid)),
    h('td', {}, h('span', { class: `badge role-${role}` }, role)),
    h('td', { title: state }, state === undefined ? '–' : (STATES[state[0] ?? ''] ?? state)),
    h('td', { class: 'mono' }, uid === undefined ? '–' : String(uid)),
    h(
      'td',
      { class: 'nowrap', title: startedAt },
      startedAt === undefined ? '–' : ago(Date.now() - Date.parse(startedAt)),
    ),
    h('td', { class: 'mono command-cell', title: command }, command === '' ? '–' : command),
  );
}
