// Real daemons that the tests start themselves (test/lab). To run one: npm run test:integration -- --grep "…"
module.exports = {
  require: ['tsx/cjs'],
  // npm test repeats some files on other generations of the stack.
  spec: (process.env.CRE_TEST_FILES || '**/*').split(',').map((name) => `test/integration/${name}.test.ts`),
  reporter: 'test/support/specAndJson.cjs',
  timeout: 180_000,
  retries: 1,
  forbidOnly: true,
  forbidPending: true,
};
