import assert from 'node:assert/strict';
import fc from 'fast-check';
import { load } from 'js-yaml';
import {
  composePlaceAt,
  containersOfDevcontainer,
  containersOfService,
  settingsOfCompose,
  settingsOfDevcontainer,
} from '../../../src/model/composeFile';
import type { Container } from '../../../src/model/container';
import { memberAt } from '../../../src/util/records';

const FILE = `# A shop
name: shop
services:
  web:
    image: nginx
    mem_limit: 64m
    # a comment
    environment:
      MODE: fast   # why
      "QUOTED": 1
    cap_add:
    - NET_ADMIN
    ports:
      - "8080:80"
      - target: 90
        published: 91

    deploy:
      resources:
        limits:
          memory: 1g
  db: { image: postgres }
volumes:
  web: {}
`;

const LINES = FILE.split('\n');
const at = (text: string): string | undefined =>
  composePlaceAt(
    (line) => LINES[line] ?? '',
    LINES.findIndex((line) => line.includes(text)),
  )?.join('.');

describe('a place in a Compose file', () => {
  it('is found by indentation', () => {
    assert.equal(at('name: shop'), 'name');
    assert.equal(at('  web:'), 'services.web');
    assert.equal(at('mem_limit'), 'services.web.mem_limit');
    assert.equal(at('MODE'), 'services.web.environment.MODE');
    assert.equal(at('QUOTED'), 'services.web.environment.QUOTED');
    assert.equal(at('memory: 1g'), 'services.web.deploy.resources.limits.memory');
    assert.equal(at('db:'), 'services.db');
    assert.equal(at('  web: {}'), 'volumes.web');
  });

  it('of an entry of a list is the list', () => {
    assert.equal(at('NET_ADMIN'), 'services.web.cap_add');
    assert.equal(at('8080'), 'services.web.ports');
    assert.equal(at('target: 90'), 'services.web.ports');
  });

  it('is nothing in comments and empty lines', () => {
    assert.equal(at('# A shop'), undefined);
    assert.equal(at('# a comment'), undefined);
    assert.equal(
      composePlaceAt(() => '', 5),
      undefined,
    );
  });

  it('is where a YAML parser finds the same key', () => {
    const parsed = load(FILE);
    assert.equal(at('published: 91'), 'services.web.ports');
    for (const text of ['mem_limit', 'MODE', 'memory: 1g', 'image: nginx', 'target: 90']) {
      const path = at(text)?.split('.') ?? [];
      assert.notEqual(memberAt(parsed, ...path), undefined, text);
    }
  });

  it('is told of any text without failing', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat({ max: 20 }), (lines, line) => {
        composePlaceAt((index) => lines[index] ?? '', line);
      }),
    );
  });
});

describe('the containers of a Compose service', () => {
  const container = (
    id: string,
    compose: Partial<Container['compose']>,
    labels: [string, string][] = [],
  ): Container => ({
    id,
    runtimeId: id,
    state: 'running',
    labels: new Map(labels),
    layers: [],
    sightings: [],
    letGo: [],
    compose: { project: 'shop', service: 'web', configFiles: ['/srv/shop/compose.yaml'], ...compose },
  });

  it('are those whose labels name the file and the service', () => {
    const containers = [
      container('same', {}),
      container('other-service', { service: 'db' }),
      container('other-file', { configFiles: ['/srv/else/compose.yaml'] }),
      container('relative', { configFiles: ['./compose.yaml'], workingDir: '/srv/shop' }),
      container('folder', { configFiles: [], workingDir: '/srv/shop' }),
      container('nothing', { configFiles: [] }),
    ];
    assert.deepEqual(
      containersOfService(containers, '/srv/shop/compose.yaml', 'web').map(({ id }) => id),
      ['same', 'relative', 'folder'],
    );
  });

  it('of a dev container are those whose labels name its file or folder', () => {
    const containers = [
      container('file', {}, [['devcontainer.config_file', '/srv/app/.devcontainer/devcontainer.json']]),
      container('folder', {}, [['devcontainer.local_folder', '/srv/app']]),
      container('other', {}, [['devcontainer.local_folder', '/srv/ap']]),
    ];
    assert.deepEqual(
      containersOfDevcontainer(containers, '/srv/app/.devcontainer/devcontainer.json').map(({ id }) => id),
      ['file', 'folder'],
    );
  });
});

describe('the settings of a key', () => {
  it('are those of the page Lineage', () => {
    assert.deepEqual(settingsOfCompose(['mem_limit']), ['Memory limit']);
    assert.deepEqual(settingsOfCompose(['deploy', 'resources', 'limits', 'memory']), ['Memory limit']);
    assert.deepEqual(settingsOfCompose(['environment', 'MODE']), ['MODE']);
    assert.deepEqual(settingsOfCompose(['ulimits', 'nofile', 'soft']), ['Open files']);
    assert.deepEqual(settingsOfCompose(['image']), []);
    assert.deepEqual(settingsOfCompose(['constructor']), []);
    assert.deepEqual(settingsOfDevcontainer('capAdd'), ['Capabilities: bounding', 'Capabilities: effective']);
    assert.deepEqual(settingsOfDevcontainer('toString'), []);
  });
});
