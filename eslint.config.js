import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Imports that a room forbids, with the reason a person sees. */
const wall = (files, patterns, paths = []) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: patterns.map(([group, message]) => ({ group: [group].flat(), message })), paths },
    ],
  },
});
const onnxruntime = { name: 'onnxruntime-node', message: 'Only engine/runtime touches onnxruntime.' };
const prisma = { name: '@prisma/client', message: 'Only sessions touches Prisma.' };
const platforms = ['discord.js', '@slack/bolt'].map((name) => ({
  name,
  message: 'Commands know no platform.',
}));
const outside = [
  ['**/commands/**', '**/sessions/**', '**/bot/**', '**/app/**', '**/cli/**'],
  'The engine knows nothing of chat, database or environment.',
];

export default tseslint.config(
  {
    ignores: [
      'dist',
      'src/sessions/prisma',
      'src/bot/web/public/built',
      'node_modules',
      'checkpoints',
      'demo',
      'test/fixtures',
      'training',
    ],
  },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['bin/**', 'scripts/**', 'test/{support,chaos}/*.mjs', '*.config.js'],
    languageOptions: { globals: { process: 'readonly', Buffer: 'readonly' } },
  },
  {
    files: ['bench/**'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly' },
    },
  },
  // The walls of the design: bot -> commands -> sessions -> engine/editor, one way.
  wall(['src/engine/**'], [outside], [onnxruntime]),
  wall(['src/engine/runtime/**'], [outside]),
  wall(
    ['src/commands/**'],
    [
      [
        [
          '**/engine/*/**',
          '!**/engine/edits/index.js',
          '**/engine/editor.js',
          '**/sessions/**',
          '**/bot/**',
          '**/app/**',
          '**/cli/**',
        ],
        'Commands are pure: they import engine/edits and engine/errors only.',
      ],
    ],
    [onnxruntime, prisma, ...platforms],
  ),
  wall(
    ['src/sessions/**'],
    [
      [
        ['**/bot/**', '**/commands/**', '**/app/**', '**/cli/**'],
        'Sessions know nothing of what is said, or where.',
      ],
      [['**/engine/*/**', '!**/engine/edits/index.js'], 'Others enter the engine through its face only.'],
    ],
    [onnxruntime, ...platforms],
  ),
  wall(
    ['src/bot/**'],
    [
      [['**/engine/*/**', '!**/engine/edits/index.js'], 'Others enter the engine through its face only.'],
      [['**/app/**', '**/cli/**'], 'The app puts the bot together, never the other way round.'],
      [
        ['**/sessions/prisma/**', '**/sessions/database.js'],
        'Only sessions touches Prisma: ask Sessions or its views.',
      ],
    ],
    [onnxruntime, prisma],
  ),
  {
    files: ['src/bot/**', 'src/app/**', 'src/cli/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[property.name='prisma'], ObjectPattern > Property[key.name='prisma']",
          message: 'Only sessions touches Prisma: ask Sessions or its views.',
        },
      ],
    },
  },
  // The page runs in a browser: of the server it knows the types of what travels, nothing else.
  wall(['src/bot/web/page/**'], [[['../*', '!../wire.js'], 'The page knows the wire alone.']]),
  // Composition: engine/process is the engine's other face, opened here and nowhere else.
  wall(
    ['src/app/**'],
    [
      [
        ['**/engine/*/**', '!**/engine/process/host.js', '!**/engine/process/memory.js'],
        'Others enter the engine through engine/editor only.',
      ],
      [['**/cli/**'], 'The command line calls the app, never the other way round.'],
    ],
    [onnxruntime, prisma],
  ),
  wall(
    ['src/cli/**'],
    [
      [
        ['**/engine/*/**', '!**/engine/edits/index.js'],
        'Others enter the engine through engine/editor only.',
      ],
    ],
    [onnxruntime, prisma],
  ),
);
