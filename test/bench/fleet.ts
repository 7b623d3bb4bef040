import { mapPooled } from '../../src/util/pool';
import type { Lab } from '../lab/lab';

/** Starts containers until so many run. */
export async function growFleet(lab: Lab, size: number): Promise<void> {
  const running = (await lab.mustDocker(['ps', '--quiet'])).split('\n').filter(Boolean).length;
  const missing = Array.from({ length: Math.max(0, size - running) }, (_, index) => running + index);
  await mapPooled(missing, 4, (index) =>
    lab.mustDocker([
      ...['run', '--detach', '--network=none', '--memory=32m', `--name=fleet-${index}`],
      ...[lab.image, 'sleep', '100000'],
    ]),
  );
}
