import type { ProcessRow } from '../../src/protocol/pages';
import { h } from '../dom';
import { roving } from './roving';
import { ago } from './time';

/** More rows than this are cut, and the table says so: nobody reads them, and the page must stay quick. */
const SHOWN_ROWS = 500;

const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for I/O',
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
  const titles = ['PID', 'In container', 'Role', 'State', 'User', 'Started', 'Command'];
  return h(
    'div',
    { class: 'scroll-x', attributes: { 'data-scroll': 'processes' } },
    h(
      'table',
      { class: 'table processes', attributes: { role: 'treegrid', 'aria-label': label } },
      h('thead', {}, h('tr', {}, ...titles.map((title) => h('th', { attributes: { scope: 'col' } }, title)))),
      body,
    ),
    rows.length > SHOWN_ROWS && h('p', { class: 'muted' }, `${rows.length - SHOWN_ROWS} more processes are not shown.`),
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
