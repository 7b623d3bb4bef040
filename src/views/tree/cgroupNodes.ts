import type { CgroupController, CgroupReading } from '../../model/cgroup';
import { isKnown, type KnownFact } from '../../model/fact';
import type { Inspection } from '../../model/inspection';
import { shellQuote, visible } from '../../util/text';
import { l10n, said } from '../l10n';
import { formatReading } from '../panels/models/format';
import { factNode } from './factNodes';
import { childId, now, type TreeNode } from './node';

/** The controllers that hold the container, each with what it limits and counts. */
export function cgroupNodes(id: string, containerId: string, { facts }: Inspection): TreeNode[] {
  const { cgroups, cgroupPaths } = facts;
  if (!isKnown(cgroups)) {
    return [
      ...factNode(id, l10n.t('Cgroup files'), containerId, 'cgroups', cgroups, () => undefined),
      ...(isKnown(cgroupPaths)
        ? Object.keys(cgroupPaths.value).flatMap((controllers) =>
            factNode(
              id,
              controllers === '' ? l10n.t('unified') : visible(controllers, 60),
              containerId,
              'cgroupPaths',
              cgroupPaths,
              (paths) => paths[controllers],
            ),
          )
        : []),
    ];
  }
  return cgroups.value.controllers.map((controller) => controllerNode(id, containerId, controller, cgroups));
}

function controllerNode(
  parentId: string,
  containerId: string,
  controller: CgroupController,
  fact: KnownFact<unknown>,
): TreeNode {
  const id = childId(parentId, 'controller', controller.name, String(controller.version));
  const label = visible(controller.name || l10n.t('unified'), 60);
  const path = visible(controller.cgroupPath, 300);
  const directory = controller.directory;
  return {
    id,
    label,
    description: path,
    icon: { id: 'symbol-ruler' },
    spoken: l10n.t('Controller {0}, cgroup {1}', label, path),
    subject: {
      kind: 'fact',
      containerId,
      name: 'cgroups',
      fact: directory === undefined ? fact : { ...fact, source: directory, how: `ls ${shellQuote(directory)}` },
      shown: path,
    },
    context: ['fact', 'checkable'],
    ...(controller.readings.length === 0
      ? {}
      : { children: now(() => controller.readings.map((reading) => readingNode(id, containerId, reading, fact))) }),
  };
}

function readingNode(
  parentId: string,
  containerId: string,
  reading: CgroupReading,
  fact: KnownFact<unknown>,
): TreeNode {
  const own =
    reading.value === undefined
      ? visible(reading.raw.replace(/\s+/g, ' '), 120)
      : formatReading(reading.value, reading.unit);
  const stricter = reading.effective;
  const shown =
    stricter === undefined
      ? own
      : l10n.t('{0}, but {1} by {2}', own, formatReading(stricter.value, reading.unit), visible(stricter.path, 200));
  return {
    id: childId(parentId, 'reading', reading.file, reading.label),
    label: said(reading.label),
    description: shown,
    icon: { id: reading.role === 'limit' ? 'lock' : reading.role === 'usage' ? 'graph' : 'bell' },
    spoken: `${said(reading.label)}: ${shown}`,
    subject: {
      kind: 'fact',
      containerId,
      name: 'cgroups',
      fact: { ...fact, source: reading.path, how: `cat ${shellQuote(reading.path)}` },
      shown,
      reading: {
        file: reading.file,
        path: reading.path,
        ...(reading.value === undefined ? {} : { value: reading.value }),
      },
    },
    context: ['fact', 'checkable'],
  };
}
