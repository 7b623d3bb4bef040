import assert from 'node:assert/strict';
import { whyElsewhere } from '../../../src/model/engineKernel';

describe('whether an engine runs under our kernel', () => {
  const info = (KernelVersion: unknown, OSType: unknown = 'linux'): unknown => ({ KernelVersion, OSType });
  const here = { platform: 'linux', release: '6.1.0-28-amd64' };

  it('is disproved by another release of it', () => {
    assert.equal(
      whyElsewhere(info('6.10.14-linuxkit'), here),
      'Its engine runs under the kernel 6.10.14-linuxkit, the explorer under 6.1.0-28-amd64.',
    );
  });

  it('is not disproved by the same release, which a VM may have too', () => {
    assert.equal(whyElsewhere(info('6.1.0-28-amd64'), here), undefined);
  });

  it('knows that engines write a third number where the kernel has none', () => {
    assert.equal(whyElsewhere(info('6.12.0-rc3'), { ...here, release: '6.12-rc3' }), undefined);
    assert.equal(whyElsewhere(info('6.12-rc3'), { ...here, release: '6.12-rc3' }), undefined);
    assert.ok(whyElsewhere(info('6.12.1-rc3'), { ...here, release: '6.12-rc3' }));
  });

  it('is disproved by another system, as of a VM on macOS or Windows', () => {
    for (const platform of ['darwin', 'win32']) {
      assert.match(whyElsewhere(info('6.10.14-linuxkit'), { platform, release: '24.6.0' }) ?? '', /under linux/);
    }
    const windows = info('10.0 20348 (20348.1.amd64fre.fe_release.210507-1500)', 'windows');
    assert.equal(whyElsewhere(windows, { platform: 'win32', release: '10.0.20348' }), undefined);
  });

  it('is left open where the engine does not say it, or says nonsense', () => {
    for (const nothing of [undefined, null, [], {}, info(''), info(6), info('6.1.0', ''), info(undefined)]) {
      assert.equal(whyElsewhere(nothing, here), undefined, JSON.stringify(nothing));
    }
  });
});
