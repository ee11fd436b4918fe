import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Limits are where a reader should look twice; the layout is prettier's. */
const LIMITS = {
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', 4],
  complexity: ['error', 20],
};

export default defineConfig(
  globalIgnores(['node_modules/', 'runs/', 'drivers/build/', 'lab/trace/records.ts']),
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...LIMITS,
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off', // `return finish();` as an early end reads well
      '@typescript-eslint/no-meaningless-void-operator': 'off', // `() => void list.push(x)` in a table of handlers
      'no-control-regex': 'off', // terminal escapes are looked for where output is read
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off', // bounds are checked where it is used; each has its reason
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "NewExpression[callee.name='Promise'] CallExpression[callee.name='setTimeout'][arguments.length=2][arguments.0.type='Identifier'][arguments.0.name=/^(resolve|done)$/][arguments.1.type='Literal']",
          message: 'wait for the thing itself, with a deadline; a fixed sleep hopes',
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: ['it', 'describe'] }],
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        process: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
        module: 'writable',
        Buffer: 'readonly',
        console: 'readonly',
      },
    },
    rules: LIMITS,
  },
  {
    files: ['**/*.test.mjs'],
    languageOptions: {
      globals: { describe: 'readonly', it: 'readonly', beforeEach: 'readonly', afterEach: 'readonly' },
    },
    rules: { 'max-lines-per-function': 'off' },
  },
);
