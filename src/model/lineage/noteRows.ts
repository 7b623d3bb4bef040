import { asArray, asRecord, asString, memberAt } from '../../util/records';
import { counted, visible } from '../../util/text';
import { isKnown, unknown, valueOf } from '../fact';
import { requestedValue, requestOf, specifiedValue, type Sources } from './columns';
import type { Setting } from './judge';
import { requestedNothing } from './userRows';

/** More than anybody reads in one cell; config.json has them all. */
const MOST = 12;

/** What config.json holds for runtimes and shims alone: the kernel never hears of it. */
export function noteSettings(sources: Sources): readonly Setting[] {
  return [...annotations(sources), ...hooks(sources)];
}

function annotations(sources: Sources): readonly Setting[] {
  const record = requestOf(sources);
  const field = isKnown(record) && record.cri ? 'annotations' : 'HostConfig.Annotations';
  const asked = keysOf(isKnown(record) ? memberAt(record.value, ...field.split('.')) : undefined);
  const config = sources.facts.ociConfig;
  const written = keysOf(memberAt(valueOf(config), 'annotations'));
  if (asked.length === 0 && written.length === 0) return [];
  return [
    {
      setting: 'Annotations',
      group: 'Runtime',
      // Engines add their own, and pass on those alone that they are told to: the lists cannot be compared.
      requested: isKnown(record) ? { fact: requestedValue(record, field, list(asked)).fact } : { fact: record },
      specified: isKnown(config)
        ? { fact: specifiedValue(config, 'annotations', list(written)).fact }
        : { fact: config },
      enforced: {
        fact: unknown(
          'The kernel knows no annotations: they are notes for the runtime and the shim.',
          'See them all in config.json: command OCI Config.',
        ),
      },
    },
  ];
}

function hooks(sources: Sources): readonly Setting[] {
  const config = sources.facts.ociConfig;
  if (!isKnown(config)) return [];
  const programs = Object.entries(asRecord(memberAt(config.value, 'hooks')) ?? {}).flatMap(([moment, list]) =>
    asArray(list).map((hook) => `${moment} ${asString(memberAt(hook, 'path')) ?? '?'}`),
  );
  if (programs.length === 0) return [];
  return [
    {
      setting: 'Hooks',
      group: 'Runtime',
      requested: requestedNothing(
        sources,
        'HostConfig',
        'The API has no field for it: the engine or a tool adds them.',
      ),
      specified: { fact: specifiedValue(config, 'hooks', list(programs)).fact },
      enforced: {
        fact: unknown(
          'The runtime ran these programs when it made the container, and keeps no trace of it.',
          'The engine’s own log tells when one has failed.',
        ),
      },
    },
  ];
}

function keysOf(value: unknown): readonly string[] {
  return Object.keys(asRecord(value) ?? {}).sort();
}

function list(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const shown = names.slice(0, MOST).map((name) => visible(name, 120));
  const more = names.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, … (${counted(names.length, 'entry', 'entries')})` : ''}`;
}
