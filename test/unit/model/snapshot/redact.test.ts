import assert from 'node:assert/strict';
import { MASK } from '../../../../src/model/secrets';
import { redact } from '../../../../src/model/snapshot/redact';
import { shopSnapshot } from '../../../support/snapshots';

describe('secrets in a snapshot', () => {
  it('are left out, and the file lists where they stood', () => {
    const kept = shopSnapshot({ withSecrets: true });
    assert.ok(JSON.stringify(kept).includes('hunter2-hunter2'));
    assert.deepEqual(kept.secrets, { redacted: false, count: 0, paths: [] });

    const { secrets, ...rest } = redact(kept);
    assert.ok(!JSON.stringify(rest).includes('hunter2-hunter2'));
    assert.ok(JSON.stringify(rest).includes(`DB_PASSWORD=${MASK}`));
    assert.deepEqual(secrets, {
      redacted: true,
      count: 1,
      paths: ['$.containers[0].inspected.facts.ociConfig.value.process.env[0]'],
    });
  });

  it('in recorded calls are left out of paths, headers and bodies', () => {
    const snapshot = shopSnapshot({ withSecrets: true });
    const [first, ...others] = snapshot.containers;
    assert.ok(first?.inspected);
    const call = {
      kind: 'call' as const,
      id: '1',
      seq: 1,
      connection: 1,
      at: snapshot.takenAt,
      method: 'POST',
      path: '/v1.41/build?buildargs=%7B%22API_TOKEN%22%3A%22sesame-sesame%22%7D',
      request: { bytes: 10, value: 'X-Registry-Auth: c2VzYW1lLXNlc2FtZQ==' },
    };
    const seen = { ...first.inspected.seen, recorded: [call] };
    const text = JSON.stringify(
      redact({ ...snapshot, containers: [{ ...first, inspected: { ...first.inspected, seen } }, ...others] }),
    );
    assert.ok(!text.includes('sesame-sesame'));
    assert.ok(!text.includes('c2VzYW1l'));
  });

  it('stay left out, and nothing else changes, when it is done again', () => {
    const once = redact(shopSnapshot({ withSecrets: true }));
    const twice = redact(once);
    assert.deepEqual({ ...twice, secrets: once.secrets }, once);
  });
});
