import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { CLI_SCENARIOS } from '../../support/cliScenarios';

describe('the scenarios of the docker command line', () => {
  it('are listed in docs/recording.md, all and no others', () => {
    const listed = [...readFileSync('docs/recording.md', 'utf8').matchAll(/^- (.*)$/gm)].map(([, title]) => title);
    assert.deepEqual(
      listed,
      CLI_SCENARIOS.map(({ title }) => title),
    );
    assert.equal(new Set(listed).size, listed.length);
    assert.ok(listed.length >= 30);
  });
});
