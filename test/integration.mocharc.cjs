// Real daemons that the tests start themselves (test/lab). To run one: npm run test:integration -- --grep "…"
module.exports = {
  require: ['tsx/cjs'],
  spec: ['test/integration/**/*.test.ts'],
  reporter: 'test/support/specAndJson.cjs',
  timeout: 180_000,
  retries: 1,
  forbidOnly: true,
  forbidPending: true,
};
