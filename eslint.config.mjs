// Each rule beyond the recommended ones says why it is here.
import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const VSCODE = {
  name: 'vscode',
  message: 'Only the parts that face VS Code may know it; everything else runs in plain Node.',
};

/** Forbids imports of other parts of the extension: the layers are held by lint, not by memory. */
function mayImportOnly(folder, allowed) {
  const forbidden = ['model', 'util', 'adapters', 'store', 'protocol', 'explain', 'views', 'commands', 'host']
    .filter((part) => !allowed.includes(part) && part !== folder)
    .map((part) => `**/${part}/**`);
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [VSCODE],
          patterns: [
            { group: forbidden, message: `src/${folder} may import only: ${[folder, ...allowed].join(', ')}.` },
          ],
        },
      ],
    },
  };
}

const focused = ['it', 'describe', 'test', 'suite'].flatMap((name) =>
  ['only', 'skip'].map((property) => ({
    object: name,
    property,
    message: 'Every test runs, always.',
  })),
);

export default tseslint.config(
  { ignores: ['dist/', 'out/', 'node_modules/', 'docs/', 'src/adapters/*/gen/', 'test/fixtures/'] },
  js.configs.recommended,
  {
    // What they read is anybody's: a megabyte of what an expression likes least must not stop the extension host.
    files: ['src/**/*.ts', 'media/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './media/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // What daemons answer is unknown until it has been read: `any` would hide that.
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // An async function without await keeps an interface's shape: no fault.
      '@typescript-eslint/require-await': 'off',
      // Numbers and booleans in texts are meant.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    ignores: ['src/extension.ts', 'src/composition.ts', 'src/{host,views,commands}/**', 'test/vscode/**'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: [VSCODE] }] },
  },
  mayImportOnly('model', ['util']),
  mayImportOnly('adapters', ['model', 'util']),
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...focused],
      // Tests name what must be there; when it is not, the assertion after it says so.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
    },
  },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'require',
          'module',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'URL',
          'Buffer',
          'fetch',
          'AbortSignal',
          'document',
          'window',
          'globalThis',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
