import type { Inventory } from '../../../model/inventory';
import type { CostsPage } from '../../../protocol/hostPages';
import type { Costs, QuestionCost } from '../../../util/costs';
import type { RefreshReason } from '../../../store/store';
import { counted } from '../../../util/text';
import { formatBytes, formatMicroseconds } from './format';

/** Why the host was looked at, in words. */
const REASONS: ReadonlyMap<string, string> = new Map<RefreshReason, string>([
  ['first look', 'the first look'],
  ['glance', 'an event: what it told of'],
  ['event', 'after events: everything'],
  ['asked by the user', 'asked by the user'],
  ['reconnected', 'a stream of events came or went'],
  ['focus', 'somebody looks again'],
  ['reconcile', 'once a minute'],
  ['setting changed', 'a setting was changed'],
]);

/** The page "What the Explorer Costs". */
export function costsPage(costs: Costs, { containers, processes, observedAt }: Inventory): CostsPage {
  const { questions, minutes, looks } = costs.read();
  const endpoints = [...new Set(questions.map(({ endpoint }) => endpoint))];
  const time = (milliseconds: number): string => formatMicroseconds(Math.round(milliseconds * 1_000));
  const sum = (rows: readonly QuestionCost[], of: (row: QuestionCost) => number): number =>
    rows.reduce((total, row) => total + of(row), 0);
  const lastMinutes = minutes.filter(({ minute }) => minute >= Date.now() - 5 * 60_000);
  return {
    kind: 'costs',
    subtitle: `${counted(
      sum(questions, ({ count }) => count),
      'question',
    )} since ${clock(costs.since)}`,
    observedAt,
    method:
      'Counted in this process since it was started, and told to nobody. Times are from asking to the end of the answer, with the wait for a free connection. Beside them one stream of events for each endpoint is read in a thread of its own while a view is visible; it asks nothing once it is connected. While all views are hidden nothing is asked.',
    totals: [
      {
        label: 'Questions in the last five minutes',
        value: whole(lastMinutes.reduce((all, one) => all + one.count, 0)),
      },
      { label: 'Bytes answered since the start', value: formatBytes(sum(questions, ({ bytes }) => bytes)) },
      { label: 'Looks at the host that are kept here', value: whole(looks.length) },
      { label: 'Containers in the inventory', value: whole(containers.length) },
      { label: 'Processes in its table', value: whole(processes.byPid.size) },
      { label: 'Memory of the extension host', value: formatBytes(process.memoryUsage().rss) },
    ],
    endpoints: endpoints.map((endpoint) => {
      const own = questions.filter((one) => one.endpoint === endpoint);
      return {
        endpoint,
        total: `${counted(
          sum(own, ({ count }) => count),
          'question',
        )}, ${time(sum(own, ({ totalMs }) => totalMs))}`,
        questions: own.map((one) => ({
          question: one.question,
          count: whole(one.count),
          failed: whole(one.failed),
          bytes: one.bytes === 0 ? '–' : formatBytes(one.bytes),
          mean: time(one.totalMs / one.count),
          longest: time(one.longestMs),
        })),
        minutes: minutes
          .filter((one) => one.endpoint === endpoint)
          .map((one) => ({
            minute: clock(one.minute).slice(0, 5),
            count: whole(one.count),
            bytes: one.bytes === 0 ? '–' : formatBytes(one.bytes),
            time: time(one.totalMs),
          })),
      };
    }),
    looks: looks.map(({ endedAt, reason, milliseconds }) => ({
      when: clock(endedAt),
      reason: REASONS.get(reason) ?? reason,
      took: time(milliseconds),
    })),
  };
}

function whole(count: number): string {
  return count.toLocaleString('en-US');
}

/** The time of day on this machine: "14:03:09". */
function clock(unixMs: number): string {
  return new Date(unixMs).toTimeString().slice(0, 8);
}
