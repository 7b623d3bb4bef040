import assert from 'node:assert/strict';
import { english, useTranslation } from '../../../src/views/l10n';
import { inLanguage } from '../../../src/views/panels/pageLanguage';

const KOREAN = {
  running: '실행 중',
  'in force': '적용 중',
  'No process runs below it.': '아래에 실행 중인 프로세스가 없습니다.',
  'Memory limit': '메모리 제한',
  'is the parent of the container, keeps its pipes and exit code': '컨테이너의 부모입니다',
  'not set': '설정되지 않음',
};

describe('pages in another language', () => {
  before(() => useTranslation(english, KOREAN));
  after(() => useTranslation(english));

  it('say our own words in it, and leave names, values, codes and documents as they are', () => {
    const page = {
      kind: 'shim',
      header: { name: 'Memory limit', stateText: 'running' },
      document: { label: 'Memory limit' },
      facts: [
        { label: 'Memory limit', value: 'not set', unknown: { why: 'No process runs below it.', remedy: 'x y' } },
      ],
      boxes: [{ role: 'is the parent of the container, keeps its pipes and exit code', status: 'running' }],
      readings: [{ role: 'running', name: 'Memory limit' }],
      rows: [{ setting: 'Memory limit', verdict: 'in force' }],
      nodes: [{ verdict: 'running', verdictText: 'in force' }],
      whatToDo: ['No process runs below it.', 'running'],
    };
    assert.deepEqual(inLanguage(page), {
      ...page,
      facts: [
        {
          label: '메모리 제한',
          value: 'not set',
          unknown: { why: '아래에 실행 중인 프로세스가 없습니다.', remedy: 'x y' },
        },
      ],
      boxes: [{ role: '컨테이너의 부모입니다', status: 'running' }],
      rows: [{ setting: '메모리 제한', verdict: '적용 중' }],
      nodes: [{ verdict: 'running', verdictText: '적용 중' }],
      whatToDo: ['아래에 실행 중인 프로세스가 없습니다.', '실행 중'],
    });
  });

  it('leave a container alone whose one-word name reads like a text', () => {
    const page = { subject: 'running', title: 'running', name: 'running', value: 'running' };
    assert.deepEqual(inLanguage(page), page);
  });
});
