import type { ApiCall } from '../../../model/apiCall';
import type { CallsPage, CallView } from '../../../protocol/pages';
import { pageHeader } from './header';
import { observedCalls, type SeenCalls } from './observedCalls';
import { explanationView, type PageInput } from './input';

const NOTHING_SEEN: SeenCalls = { recorded: [], observations: [], missing: [] };

/** The page "API Calls". `calls` are masked by whoever built them, unless the page reveals. */
export function callsPage(input: PageInput, calls: readonly ApiCall[], seen: SeenCalls = NOTHING_SEEN): CallsPage {
  return {
    kind: 'calls',
    header: pageHeader(input),
    calls: [...calls].sort((a, b) => a.seq - b.seq).map((call) => callView(call, input)),
    observed: observedCalls(seen, input.reveal),
    revealed: input.reveal,
    ...(calls.length > 0
      ? {}
      : {
          unknown: {
            why: 'No layer left a trace of the calls that made this container.',
            remedy:
              'Calls are rebuilt from what an engine or containerd still holds: see whether those layers can be read.',
          },
        }),
  };
}

function callView(call: ApiCall, { copies, explain }: PageInput): CallView {
  const { seq, from, to, protocol, method, target, evidence, because, at, meaning, payload, defaults } = call;
  const explanation = explain.apiCall(call);
  return {
    seq,
    from,
    to,
    protocol,
    method,
    target,
    evidence,
    because,
    meaning,
    ...(at === undefined ? {} : { at }),
    ...(payload === undefined ? {} : { payload: indented(payload) }),
    ...(defaults === undefined ? {} : { defaults: indented(defaults) }),
    copies: Object.entries(call.copies ?? {}).map(([label, text]) => ({ label, ...copies.add(text) })),
    ...(explanation ? { explanation: explanationView(explanation, copies) } : {}),
  };
}

function indented(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? String(value));
}
