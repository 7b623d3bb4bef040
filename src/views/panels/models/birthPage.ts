import { layOut, LANE_TITLES, milliseconds, stepSentence } from '../../../model/trace/diagram';
import type { Birth } from '../../../model/trace/birth';
import { CLOCKS } from '../../../model/trace/observation';
import type { BirthBody, BirthStepView } from '../../../protocol/birthPage';
import type { BirthPage, PageHeader } from '../../../protocol/pages';
import type { KnownBirth } from '../../../store/births';
import { said } from '../../l10n';
import { pageHeader } from './header';
import type { PageInput } from './input';

/** The page "Birth": how a container came to be, as a sequence in time. */
export function birthPage(input: PageInput, known: KnownBirth): BirthPage {
  return { kind: 'birth', header: headerOf(input, known), ...bodyOf(known, input.reveal) };
}

/** While a birth is followed nothing else is asked of the container, so the trace itself says how it is. */
function headerOf(input: PageInput, { birth, live }: KnownBirth): PageHeader {
  const header = pageHeader(input);
  if (!live && input.container !== undefined) return header;
  const name = birth.name ?? header.name;
  return live ? { ...header, name, liveness: 'live', stateText: STATUS_TEXTS[birth.status] } : { ...header, name };
}

const STATUS_TEXTS: Readonly<Record<Birth['status'], string>> = {
  starting: 'starting',
  running: 'started',
  failed: 'failed to start',
  unknown: 'not known',
};

function bodyOf({ birth, live, traced, streams }: KnownBirth, revealed: boolean): BirthBody {
  const { lanes, rows, ticks, ...frame } = layOut(birth);
  const longest = Math.max(1, ...birth.times.filter(({ id }) => id !== 'all').map(({ us }) => us));
  return {
    status: birth.status,
    statusText: statusText(birth, live, traced),
    ...(birth.failure === undefined ? {} : { failure: birth.failure }),
    live,
    traced,
    steps: rows.map(stepView),
    diagram: {
      ...frame,
      lanes: lanes.map(({ title, x }) => ({ title, x })),
      ticks,
      rows: rows.map(({ y, fromX, toX, axis }) => ({ y, fromX, toX, ...(axis ? { axis } : {}) })),
    },
    times: birth.times.map(({ lane, label, us, precisionUs, evidence, clocks }) => ({
      lane: LANE_TITLES[lane],
      label: phasesInWords(label),
      took: milliseconds(us),
      precision: `± ${milliseconds(precisionUs)}`,
      share: Math.min(1, us / longest),
      evidence,
      clocks: clocks.map(({ clock, precision }) => `${said(clock)} (${said(precision)})`),
    })),
    sources: streams.map(({ name, state, reason }) => ({
      name,
      listens: state === 'connected',
      ...(reason === undefined ? {} : { why: reason }),
    })),
    hasHar: birth.recorded.length > 0,
    revealed,
  };
}

function stepView(row: ReturnType<typeof layOut>['rows'][number]): BirthStepView {
  const { step, offset } = row;
  const { id, from, to, label, detail, evidence, because, atUs, precisionUs, source, meaning, payload } = step;
  const clock = source && CLOCKS[source];
  const precision =
    precisionUs !== undefined && precisionUs > 1 ? `within ${milliseconds(precisionUs)} from then` : undefined;
  return {
    id,
    offset,
    from: LANE_TITLES[from],
    to: LANE_TITLES[to],
    label,
    evidence,
    because,
    meaning,
    isAnswer: step.isAnswer === true,
    failed: step.failed === true,
    sentence: stepSentence(row, said),
    ...(detail === undefined ? {} : { detail }),
    ...(atUs === undefined ? {} : { at: isoMicroseconds(atUs) }),
    ...(clock
      ? {
          clock: clock.clock,
          precision: [clock.precision, precision].flatMap((text) => (text ? said(text) : [])).join('; '),
        }
      : {}),
    ...(payload === undefined ? {} : { payload: JSON.stringify(payload, undefined, 2) ?? '' }),
  };
}

/** "shim: comes up; OCI runtime: create": each part by itself. */
function phasesInWords(label: string): string {
  return label
    .split('; ')
    .map((phase) => {
      const at = phase.indexOf(': ');
      return at < 0 ? said(phase) : `${said(phase.slice(0, at))}: ${said(phase.slice(at + 2))}`;
    })
    .join('; ');
}

/** `2026-01-01T00:00:00.123456Z`. */
export function isoMicroseconds(us: number): string {
  const milli = Math.floor(us / 1000);
  if (!(Math.abs(milli) <= 8.64e15)) return '';
  return `${new Date(milli).toISOString().slice(0, -1)}${String(us - milli * 1000).padStart(3, '0')}Z`;
}

function statusText({ status }: Birth, live: boolean, traced: boolean): string {
  if (live)
    return status === 'starting' ? 'It is being started: this page follows.' : 'What comes right after is still taken.';
  if (!traced)
    return 'Nobody watched when it started: this is what can still be known. Trace Next Container shows a whole birth.';
  switch (status) {
    case 'running':
      return 'It was watched from its first call until its program ran.';
    case 'failed':
      return 'It was watched until its start failed.';
    case 'starting':
      return 'It was watched until the wait was cancelled.';
    case 'unknown':
      return 'It was watched, and it cannot be told how it went on.';
  }
}
