import assert from 'node:assert/strict';
import { Costs, kindOfPath } from '../../../src/util/costs';

describe('costs', () => {
  it('are counted by kind of question, failures too', async () => {
    const costs = new Costs();
    costs.note('unix:///a', 'GET /x', { milliseconds: 2, bytes: 100 });
    costs.note('unix:///a', 'GET /x', { milliseconds: 6, bytes: 50 });
    assert.equal(
      await costs.measure(
        'unix:///b',
        'GET /y',
        () => Promise.resolve('four'),
        ({ length }) => length,
      ),
      'four',
    );
    await assert.rejects(
      costs.measure('unix:///b', 'GET /y', () => Promise.reject(new Error('no'))),
      /no/,
    );
    const { questions, minutes } = costs.read();
    const [x] = questions.filter(({ question }) => question === 'GET /x');
    assert.deepEqual(x, {
      endpoint: 'unix:///a',
      question: 'GET /x',
      count: 2,
      failed: 0,
      bytes: 150,
      totalMs: 8,
      longestMs: 6,
    });
    const y = questions.find(({ question }) => question === 'GET /y');
    assert.deepEqual([y?.count, y?.failed, y?.bytes], [2, 1, 4]);
    const count = (endpoint: string): number =>
      minutes.filter((one) => one.endpoint === endpoint).reduce((sum, one) => sum + one.count, 0);
    assert.deepEqual([count('unix:///a'), count('unix:///b')], [2, 2]);
  });

  it('do not grow without end, whatever things are named', () => {
    const costs = new Costs();
    for (let index = 0; index < 2_000; index++) costs.note('unix:///a', `GET /${index}`, { milliseconds: 1 });
    for (let index = 0; index < 300; index++) costs.noteLook('event', index);
    const { questions, looks } = costs.read();
    assert.ok(questions.length <= 501);
    assert.equal(
      questions.reduce((sum, { count }) => sum + count, 0),
      2_000,
    );
    assert.equal(looks.length, 100);
    assert.equal(looks[0]?.milliseconds, 299, 'the newest comes first');
  });

  it('name kinds of paths, without ids and versions', () => {
    const id = 'a'.repeat(64);
    assert.equal(kindOfPath(`/v1.41/containers/${id}/json`), '/containers/…/json');
    assert.equal(kindOfPath('/v1.41/containers/json?all=1'), '/containers/json');
    assert.equal(kindOfPath('/images/docker.io%2Fbusybox/json'), '/images/…/json');
    assert.equal(kindOfPath('/v4.0.0/libpod/pods/json'), '/libpod/pods/json');
    assert.equal(kindOfPath('/_ping'), '/_ping');
  });
});
