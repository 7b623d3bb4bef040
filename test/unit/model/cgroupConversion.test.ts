import assert from 'node:assert/strict';
import { capabilitiesOfMask, CAPABILITY_NAMES, fullCapabilityName } from '../../../src/model/capabilities';
import {
  curvedCpuWeight,
  ioWeight,
  linearCpuWeight,
  sharesOfWeight,
  systemdQuota,
} from '../../../src/model/cgroupConversion';

describe('conversions between cgroup versions', () => {
  it('turn shares into weights as runc and crun do, before and after the change', () => {
    const table = [
      [2, 1, 1],
      [102, 4, 17],
      [512, 20, 59],
      [1024, 39, 100],
      [2048, 79, 174],
      [10240, 391, 639],
      [262144, 10000, 10000],
    ] as const;
    for (const [shares, linear, curved] of table) {
      assert.equal(linearCpuWeight(shares), linear, String(shares));
      assert.equal(curvedCpuWeight(shares), curved, String(shares));
    }
  });

  it('find back the range of shares that gives a weight', () => {
    for (const convert of [linearCpuWeight, curvedCpuWeight]) {
      for (const weight of [1, 20, 39, 59, 100, 10000]) {
        const range = sharesOfWeight(weight, convert);
        if (!range) continue;
        assert.equal(convert(range.from), weight);
        assert.equal(convert(range.to), weight);
        if (range.from > 2) assert.ok(convert(range.from - 1) < weight);
        if (range.to < 262144) assert.ok(convert(range.to + 1) > weight);
      }
    }
    assert.equal(sharesOfWeight(0, linearCpuWeight), undefined);
    assert.equal(sharesOfWeight(20000, linearCpuWeight), undefined);
  });

  it('turn I/O weights and quotas', () => {
    assert.equal(ioWeight(10), 1);
    assert.equal(ioWeight(1000), 10000);
    assert.equal(systemdQuota(50000, 100000), 50000);
    assert.equal(systemdQuota(50100, 100000), 51000);
  });
});

describe('capability masks', () => {
  it('hold the bits of the kernel', () => {
    assert.deepEqual(capabilitiesOfMask('0000000000000000'), []);
    assert.deepEqual(capabilitiesOfMask('0000000000200000'), ['CAP_SYS_ADMIN']);
    assert.deepEqual(capabilitiesOfMask('000001ffffffffff'), CAPABILITY_NAMES);
    assert.deepEqual(capabilitiesOfMask('0000020000000000'), ['CAP_41']);
    assert.equal(capabilitiesOfMask('none'), undefined);
    assert.equal(fullCapabilityName('net_admin'), 'CAP_NET_ADMIN');
  });
});
