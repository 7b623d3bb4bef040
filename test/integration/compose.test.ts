import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readComposeFiles } from '../../src/adapters/compose/files';
import { composeDifferences, type ComposeDifferences } from '../../src/model/compose/compare';
import { recordOf } from '../../src/model/compose/record';
import { serviceIn } from '../../src/model/compose/service';
import { known } from '../../src/model/fact';
import { parseJsonExact } from '../../src/util/json';
import { asArray, asNumber, asString, memberAt } from '../../src/util/records';
import { emptyInspection } from '../../src/store/inspector';
import { startLab, type Lab } from '../lab/lab';
import { itWhere } from '../support/itWhere';
import { realLineage } from '../support/realLineage';

/** The oldest generation has no Compose. */
const HAS_COMPOSE = /^(?:trixie|sid)$/.test(process.env['CRE_GENERATION'] ?? '');

const SETTINGS = `
    network_mode: none
    mem_limit: 64m
    memswap_limit: 96m
    mem_reservation: 16m
    cpus: 0.5
    cpu_shares: 512
    cpuset: "0"
    pids_limit: 50
    oom_score_adj: 500
    cap_drop: [ALL]
    cap_add: [NET_BIND_SERVICE, CHOWN]
    security_opt: ["no-new-privileges:true"]
    read_only: true
    user: "1000:1000"
    group_add: ["4242"]
    environment: { MODE: fast, DB_PASSWORD: hunter2-hunter2, PRICE: "5$$" }
    labels: [a=b]
    ulimits: { nofile: { soft: 256, hard: 512 }, core: 0 }
    sysctls: { net.core.somaxconn: 512 }
    command: ["sleep", "36000"]
    working_dir: /tmp
    tty: true
    init: false
    stop_signal: SIGINT
    restart: on-failure:3
    shm_size: 32m
    tmpfs: ["/scratch:size=1m"]
    volumes: ["./data:/data:ro"]
    devices: ["/dev/null:/dev/other:rw"]
    healthcheck: { test: ["CMD", "true"], interval: 1m30s, timeout: 5s, retries: 2 }
    hostname: web-host
`;

describe('a container that docker compose made', function () {
  this.timeout(180_000);
  let lab: Lab;

  before(async () => {
    lab = await startLab();
  });
  after(() => lab?.stop());

  const title = 'has nothing otherwise than its file asks, and what docker update changes';
  itWhere(HAS_COMPOSE, 'this generation has no Compose', title, async () => {
    const [folder, inside] = [join(lab.dir, 'shop'), join(lab.insideDir, 'shop')];
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(join(folder, 'compose.yaml'), `services:\n  web:\n    image: ${lab.image}\n${SETTINGS.slice(1)}`);
    await lab.mustDocker(['compose', '--file', join(inside, 'compose.yaml'), 'up', '--detach', '--pull=never']);
    const fresh = await differences(folder, inside);
    // sleep handles no signal, and is PID 1: what was asked for arrived, and has no effect.
    assert.deepEqual(
      fresh.settings.map(({ setting, row }) => [setting, row?.verdict]),
      [['Stop signal', 'not-enforced']],
    );
    assert.deepEqual(fresh.members, []);

    await lab.mustDocker(['update', '--memory=32m', '--memory-swap=64m', '--restart=no', 'shop-web-1']);
    const { settings, members } = await differences(folder, inside);
    assert.deepEqual(settings.map(({ setting, asked }) => [setting, asked?.split(' (')[0]]).sort(), [
      ['Memory and swap limit', '96 MiB'],
      ['Memory limit', '64 MiB'],
      ['Stop signal', 'SIGINT'],
    ]);
    assert.deepEqual([...new Set(members.map(({ path }) => path.slice(0, 2).join('.')))], ['HostConfig.RestartPolicy']);
  });

  async function differences(folder: string, inside: string): Promise<ComposeDifferences> {
    const [record] = asArray(JSON.parse(await lab.mustDocker(['inspect', '--type=container', 'shop-web-1'])));
    const [image] = asArray(JSON.parse(await lab.mustDocker(['image', 'inspect', lab.image])));
    const labels = memberAt(record, 'Config', 'Labels');
    assert.equal(asString(memberAt(labels, 'com.docker.compose.project.config_files')), join(inside, 'compose.yaml'));
    const pid = asNumber(memberAt(record, 'State', 'Pid')) ?? 0;
    const id = asString(memberAt(record, 'Id')) ?? '';
    const file = join(lab.containerdState, 'io.containerd.runtime.v2.task/moby', id, 'config.json');
    const found = {
      ociConfig: known('bundle', parseJsonExact(await readFile(file, 'utf8')), file, `cat ${file}`),
      engineRecord: known('docker-api', record, 'docker inspect', 'docker inspect'),
      engineImage: known('docker-api', image, 'docker image inspect', 'docker image inspect'),
    };
    const rows = await realLineage(pid, found, true);
    const service = serviceIn(await readComposeFiles([join(folder, 'compose.yaml')]), 'web');
    assert.ok(service);
    const asked = recordOf(service, { project: 'shop', folder: inside });
    assert.deepEqual(asked.unread, []);
    const { facts } = emptyInspection(id, 'shop-web-1', 'Not asked here.', 'Ask.');
    return composeDifferences({ ...facts, ...found }, rows, asked, true);
  }
});
