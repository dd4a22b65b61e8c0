/** A pattern of a design means the same in JavaScript and in the database, or only JavaScript checks it. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import fc from 'fast-check'
import { postgresPattern } from '../../src/compile/values/postgres-pattern.ts'
import { type Connection, withClient } from '../../src/postgres/connect.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { SEEDED } from '../support/random.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

const WRITTEN = [
  '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d)',
  '^[A-Z]{2}\\d{2}[A-Z0-9]{1,30}$',
  '^[^\\s@]+@[^\\s@]+\\.[^\\s@]{2,}$',
  '^(?:\\+|00)?[\\d ()-]{5,20}$',
  '^#(?:[0-9a-f]{3}){1,2}$',
  '^(?!admin$)[\\w.]+$',
  '(?<!a)b|^$',
  '^\\u{1F600}+?$',
  '^[\\]\\-^]+$',
  '^.$',
  '^(?<year>\\d{4})-(?:0[1-9]|1[0-2])$',
  '***',
  'a**',
]

const TEXTS = [
  '',
  'a',
  'A1',
  'Aa1',
  'DE89370400440532013000',
  'a@b.de',
  '+49 (30) 1234',
  '#fff',
  '#ffff',
  'admin',
  'ad.min',
  'b',
  'ab',
  '😀',
  '😀😀',
  ']-^',
  '\n',
  'ä',
  'x\ny',
  '2030-01',
  '2030-13',
  '\u00a0',
  'é',
  '\u2028',
  '\\',
  '/',
  '$',
  '.',
]

// No characters beyond the Basic Multilingual Plane, because V8 14.6 gives wrong results for them with `/[😀]$/u` and after lookbehinds.
const character = fc.constantFrom('a', 'b', 'Z', '0', '_', '-', ' ', 'ä', '☃', '/', ',', '=', '!')
const escaped = fc.constantFrom('\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\.', '\\n', '\\u0041', '\\x62', '\\u{2603}', '\\$', '\\/', '.')
const inSet = fc.oneof(
  fc.constantFrom('a', 'b', 'Z', '0', '_', 'ä', '☃', ' ', '.', '$', '\\d', '\\w', '\\s', '\\]', '\\-', '\\n'),
  fc.constantFrom('a-f', '0-5', 'à-ü'),
)
const set = fc
  .tuple(fc.constantFrom('[', '[^'), fc.array(inSet, { minLength: 1, maxLength: 4 }))
  .map(([open, members]) => `${open}${members.join('')}]`)
const quantifier = fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '{2,}')
const pattern = fc.letrec<{ all: string; part: string; group: string }>((tie) => ({
  all: fc
    .array(
      fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 3 },
    )
    .map((branches) => branches.join('|')),
  part: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(fc.oneof(character, escaped, set), quantifier).map(([atom, times]) => atom + times),
    fc.constantFrom('^', '$'),
    tie('group'),
  ),
  group: fc.oneof(
    fc.tuple(fc.constantFrom('(', '(?:', '(?<x>'), tie('all'), quantifier).map(([open, inner, times]) => `${open}${inner})${times}`),
    fc.tuple(fc.constantFrom('(?=', '(?!', '(?<=', '(?<!'), tie('all')).map(([open, inner]) => `${open}${inner})`),
  ),
})).all
const text = fc
  .array(fc.oneof(character, fc.constantFrom('A', '1', '\n', '.', '$', 'c', 'é', '\u00a0')), { maxLength: 6 })
  .map((parts) => parts.join(''))

async function agree(client: Connection, pattern: string, texts: readonly string[]): Promise<void> {
  const spelled = postgresPattern(pattern)
  if (spelled === null) return
  const { rows } = await client.query<{ matches: boolean }>(
    'select t ~ $1 as matches from unnest($2::text[]) with ordinality as u (t, n) order by n',
    [spelled, texts],
  )
  const wanted = texts.map((one) => new RegExp(pattern, 'u').test(one))
  assert.deepEqual(
    rows.map((row) => row.matches),
    wanted,
    `${pattern} as ${spelled} on ${JSON.stringify(texts)}`,
  )
}

it('typical patterns mean the same in the database', async () => {
  await withClient(database.url, async (client) => {
    for (const one of WRITTEN) await agree(client, one, TEXTS)
  })
  assert.deepEqual(
    WRITTEN.filter((one) => postgresPattern(one) === null),
    ['***', 'a**'],
  )
})

it('patterns of every kind mean the same in the database', async () => {
  let spelled = 0
  await withClient(database.url, async (client) => {
    await fc.assert(
      fc.asyncProperty(pattern, fc.array(text, { minLength: 1, maxLength: 20 }), async (one, texts) => {
        if (postgresPattern(one) !== null) spelled++
        await agree(client, one, texts)
      }),
      { numRuns: 3_000, ...SEEDED },
    )
  })
  assert.ok(spelled > 1_500, `only ${spelled} patterns were compared`)
})
