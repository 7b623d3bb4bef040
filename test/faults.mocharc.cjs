// The fault suite (test/faults): what must hold when things go wrong. `npm run test:long` tries each line more often.
module.exports = {
  require: ['tsx/cjs'],
  spec: (process.env.CRE_TEST_FILES || '**/*').split(',').map((name) => `test/faults/${name}.test.ts`),
  reporter: 'test/support/specAndJson.cjs',
  timeout: 600_000,
  retries: 1,
  forbidOnly: true,
  forbidPending: true,
};
