import assert from 'node:assert/strict';
import { known } from '../../../../src/model/fact';
import { DOCUMENTS, fromUriParts, toUriParts } from '../../../../src/views/documents/address';
import { contentsOf } from '../../../../src/views/documents/contents';
import { shopInspection, WEB } from '../../../support/shop';

const noCalls = (): [] => [];

describe('the addresses of documents', () => {
  it('lead back to what they name, whatever the id and the name', () => {
    for (const containerId of [WEB, 'k8s.io/a b', 'x&document=engine#/?', '\u202e%2F']) {
      for (const document of DOCUMENTS) {
        const parts = toUriParts({ document, containerId }, '../../etc/<b>\u0000');
        assert.deepEqual(fromUriParts(parts), { document, containerId });
        assert.match(parts.path, /^\/[\w.-]+\/[\w.-]+\.json$/);
      }
    }
  });

  it('lead back to both sides of a comparison', () => {
    const address = {
      document: 'lineage',
      containerId: WEB,
      when: 'earlier',
      against: { containerId: 'k8s.io/a b', when: 'now' },
      side: 'right',
    } as const;
    assert.deepEqual(fromUriParts(toUriParts(address, 'shop')), address);
  });

  it('are nothing for what is not ours', () => {
    for (const query of ['', 'document=config', 'document=passwd&containerId=x', 'containerId=x']) {
      assert.equal(fromUriParts({ query }), undefined);
    }
  });
});

describe('the contents of documents', () => {
  it('are the value itself, indented, once secrets are revealed', () => {
    const inspection = shopInspection();
    const { ociConfig } = inspection.facts;
    assert.ok('value' in ociConfig);
    const { text, language } = contentsOf('config', inspection, true, noCalls);
    assert.equal(language, 'json');
    assert.deepEqual(JSON.parse(text), ociConfig.value);
    assert.match(text, /^\{\n {2}"ociVersion"/);
  });

  it('hide secrets unless revealed, and nothing else', () => {
    const masked = contentsOf('config', shopInspection(), false, noCalls).text;
    assert.ok(!masked.includes('hunter2'));
    assert.match(masked, /DB_PASSWORD=/);
    assert.match(masked, /"cgroupsPath": "\/docker\/aaaa"/);
  });

  it('say why there is none, and what would help', () => {
    const { text, language } = contentsOf('state', shopInspection(), false, noCalls);
    assert.equal(language, 'plaintext');
    assert.match(text, /Nobody tells\.[^]*Run as root\./);
  });

  it('of all facts hide what every fact hides', () => {
    const record = known('docker-api', { Config: { Env: ['API_TOKEN=abcdefgh12345678'] } }, 's', 'h');
    const inspection = shopInspection(WEB, { engineRecord: record });
    assert.ok(!contentsOf('inspection', inspection, false, noCalls).text.includes('abcdefgh12345678'));
    assert.ok(!contentsOf('engine', inspection, false, noCalls).text.includes('abcdefgh12345678'));
    assert.ok(contentsOf('engine', inspection, true, noCalls).text.includes('abcdefgh12345678'));
  });

  it('of the calls are those that are built for this view', () => {
    const seen: boolean[] = [];
    const { apiCalls } = shopInspection();
    const build = (_: unknown, reveal: boolean): typeof apiCalls => {
      seen.push(reveal);
      return apiCalls;
    };
    assert.deepEqual(JSON.parse(contentsOf('calls', shopInspection(), false, build).text), apiCalls);
    contentsOf('calls', shopInspection(), true, build);
    assert.deepEqual(seen, [false, true]);
  });
});
