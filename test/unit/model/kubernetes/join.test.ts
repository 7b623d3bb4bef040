import assert from 'node:assert/strict';
import type { Container } from '../../../../src/model/container';
import type { KubeContainer } from '../../../../src/model/kubernetes/cluster';
import { localContainer } from '../../../../src/model/kubernetes/join';
import { placeOf } from '../../../../src/model/kubernetes/thisMachine';
import { joinSightings } from '../../../../src/store/identity';
import { hexId, layer, sighting } from '../../../support/sightings';

const HERE = {
  machineId: '078e2d22629747178397e29cf1c96cc7',
  bootId: 'd675d75b-e58e-40db-8910-6e5dda9e7cf9',
  systemUuid: '4073906d-69a1-46ee-a08c-0252d9f79893',
};
const OTHER = { machineId: 'f'.repeat(32), bootId: '00000000-e58e-40db-8910-6e5dda9e7cf9' };

describe('whether a node is this machine', () => {
  it('is told by the boot id, which a kernel draws anew at each boot', () => {
    assert.equal(placeOf(HERE, HERE).verdict, 'here');
    assert.match(placeOf(HERE, HERE).because, /boot id.*machine id/);
    assert.equal(placeOf({ bootId: HERE.bootId }, HERE).verdict, 'here');
    assert.equal(placeOf({ ...HERE, systemUuid: HERE.systemUuid.toUpperCase() }, HERE).verdict, 'here');
    assert.equal(placeOf(OTHER, HERE).verdict, 'elsewhere');
  });

  it('holds for a node in a container of this machine, and says so', () => {
    const kind = placeOf({ ...HERE, machineId: 'e'.repeat(32) }, HERE);
    assert.equal(kind.verdict, 'here');
    assert.match(kind.because, /in a container of this machine/);
  });

  it('is not told by a machine id that clones share, or by nothing', () => {
    const clone = placeOf({ ...HERE, bootId: OTHER.bootId }, HERE);
    assert.equal(clone.verdict, 'unknown');
    assert.match(clone.because, /machine id and system UUID equal ours.*clone/);
    assert.equal(placeOf({}, HERE).verdict, 'unknown');
    assert.equal(placeOf(HERE, {}).verdict, 'unknown');
    assert.equal(placeOf({ machineId: HERE.machineId }, HERE).verdict, 'unknown');
    assert.equal(placeOf({ machineId: OTHER.machineId }, HERE).verdict, 'elsewhere');
  });
});

describe('the local container of a pod’s container', () => {
  const id = hexId('abcd');
  const here = placeOf(HERE, HERE);
  const local = (labels: Record<string, string> = {}): Map<string, Container[]> => {
    const containers = joinSightings(
      [sighting('kernel', id, { name: 'web', labels: new Map(Object.entries(labels)) })],
      [layer('kernel', 'kernel')],
    );
    return new Map([[id, containers]]);
  };
  const web: KubeContainer = { name: 'web', role: 'main', runtimeId: id, state: 'running', stateText: '', restarts: 0 };

  it('is the one with the same id, and says by what', () => {
    const join = localContainer(web, { uid: 'u1' }, here, local({ 'io.kubernetes.pod.uid': 'u1' }));
    assert.equal(join.container?.runtimeId, id);
    assert.match(join.because, /same container id.*pod uid/);
    assert.equal(localContainer(web, { uid: 'u1' }, here, local()).container?.runtimeId, id);
  });

  it('is none where the node is another, the id is not known or chosen, or the pod contradicts', () => {
    const none = (container: KubeContainer, place: typeof here | undefined, map = local()): string => {
      const join = localContainer(container, { uid: 'u1' }, place, map);
      assert.equal(join.container, undefined);
      return join.because;
    };
    assert.match(none(web, placeOf(OTHER, HERE)), /not known to be this machine/);
    assert.match(none(web, undefined), /not known to be this machine/);
    assert.match(none({ ...web, runtimeId: hexId('ffff') }, here), /no layer/);
    assert.match(none({ ...web, runtimeId: 'web' }, here), /at random/);
    const { runtimeId: _, ...waiting } = web;
    assert.match(none(waiting, here), /no container id yet/);
    assert.match(none(web, here, local({ 'io.kubernetes.pod.uid': 'u2' })), /another pod/);
  });
});
