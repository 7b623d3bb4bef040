import { isKnown } from '../fact';
import type { Column, EnforcedColumn } from './columns';
import type { LineageGroup, LineageRow, RequestedValue, SpecifiedValue, Verdict } from './row';

/** A setting's three columns, and what is special about comparing them. */
export interface Setting {
  readonly setting: string;
  readonly group: LineageGroup;
  readonly requested: Column<RequestedValue>;
  readonly specified: Column<SpecifiedValue>;
  readonly enforced: EnforcedColumn;
  /** What the kernel has when nobody asked. Absent: its own "nothing". */
  readonly byDefault?: string;
  /** Takes an enforced value for the wanted one although it is written otherwise; may say why. */
  readonly accepts?: (wanted: string, enforced: string | undefined) => Acceptance | undefined;
  /** True when a requested and a specified value mean the same although they are written otherwise. */
  readonly same?: (requested: string, specified: string) => boolean;
  /** A likely reason for a difference, where one is known. */
  readonly explains?: (wanted: string, enforced: string | undefined) => string | undefined;
  /** Why the engine wrote something else into config.json than its record says, where that is known. */
  readonly explainsEngine?: (requested: string, specified: string) => string | undefined;
  /** Why nobody's wish can have a value: "systemd sets a default". */
  readonly unsetWhy?: string;
  /** Added to whatever is said. */
  readonly remark?: string | undefined;
}

export interface Acceptance {
  readonly verdict: Extract<Verdict, 'in-force' | 'differs' | 'not-enforced'>;
  readonly why: string;
}

/** The verdict on a setting. */
export function judge(setting: Setting): LineageRow {
  const { verdict, why } = verdictOf(setting);
  return {
    setting: setting.setting,
    group: setting.group,
    requested: setting.requested.fact,
    specified: setting.specified.fact,
    enforced: setting.enforced.fact,
    verdict,
    why: [why, setting.remark].filter(Boolean).join(' '),
  };
}

function verdictOf(setting: Setting): { readonly verdict: Verdict; readonly why: string } {
  const { requested, specified, enforced } = setting;
  // The engine's record follows docker update, config.json does not: where both speak, the record is newer.
  const wanted = requested.canonical ?? specified.canonical;
  if (!isKnown(enforced.fact)) {
    if (!enforced.lacking) return { verdict: 'unreadable', why: enforced.fact.unavailable };
    if (wanted === undefined) {
      return { verdict: 'unset', why: 'Nobody asked for it, and this kernel has no such setting here.' };
    }
    return setting.accepts?.(wanted, undefined) ?? { verdict: 'not-enforced', why: enforced.fact.unavailable };
  }
  if (wanted === undefined) return judgeUnset(setting);
  const accepted = accept(setting, wanted);
  const stale =
    requested.canonical !== undefined &&
    specified.canonical !== undefined &&
    requested.canonical !== specified.canonical &&
    !setting.same?.(requested.canonical, specified.canonical);
  if (accepted) {
    return {
      verdict: accepted.verdict,
      why: [
        accepted.why,
        stale
          ? 'It was changed after the start, as by docker update: config.json still says what held at the start.'
          : '',
      ]
        .filter(Boolean)
        .join(' '),
    };
  }
  if (specified.canonical !== undefined && stale && accept(setting, specified.canonical)?.verdict === 'in-force') {
    return {
      verdict: 'differs',
      why:
        setting.explainsEngine?.(wanted, specified.canonical) ??
        'The kernel has what config.json says, and the engine’s record says something else: the engine changed it on the way, or the change has not reached the kernel.',
    };
  }
  const reason = setting.explains?.(wanted, enforced.canonical);
  if (reason !== undefined) return { verdict: 'differs', why: reason };
  return (enforced.canonical ?? '') === (setting.byDefault ?? '')
    ? {
        verdict: 'not-enforced',
        why: 'The kernel has its default: the setting did not reach it, or was taken back since.',
      }
    : { verdict: 'differs', why: 'It was changed after the start, by hand or by another program than the engine.' };
}

function accept(setting: Setting, wanted: string): Acceptance | undefined {
  const enforced = setting.enforced.canonical;
  if (wanted === enforced) {
    const isAsked = setting.requested.canonical !== undefined;
    return {
      verdict: 'in-force',
      why: isAsked ? 'The kernel has what was asked for.' : 'The kernel has what config.json says.',
    };
  }
  return setting.accepts?.(wanted, enforced);
}

function judgeUnset({ enforced, byDefault, unsetWhy }: Setting): { readonly verdict: Verdict; readonly why: string } {
  const plain = (enforced.canonical ?? '') === (byDefault ?? '');
  if (plain) return { verdict: 'unset', why: 'Nobody asked for anything: the default holds.' };
  if (unsetWhy !== undefined) return { verdict: 'unset', why: unsetWhy };
  return {
    verdict: 'differs',
    why: 'Neither the request nor config.json sets it, and yet the kernel has a value: it was set since, by hand or by another program.',
  };
}
