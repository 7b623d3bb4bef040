// Plain Node: no VS Code, no daemon. To run one: npm run test:unit -- --grep "words of its title"
module.exports = {
  require: ['tsx/cjs'],
  spec: ['test/{unit,contract,golden}/**/*.test.ts'],
  reporter: 'test/support/specAndJson.cjs',
  timeout: process.env.CRE_FAULTS === 'long' ? 3_600_000 : 60_000,
  // Real sockets, processes and random values: a test that needs its second try is named at the end of npm test.
  retries: 1,
  forbidOnly: true,
  forbidPending: true,
};
