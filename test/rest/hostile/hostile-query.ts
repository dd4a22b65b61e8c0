/** Hostile query strings for a list. */

import fc from 'fast-check'
import { from, hostileText, joined, mostly, name, repeated, value, words } from '../../support/hostile-text.ts'

const RELATIONS = words('owner parent children things owner.things parent.owner children.owner things.owner.things')
const OPS = words('eq ne gt gte lt lte in nin contains startsWith endsWith isNull')

const namePath = fc.oneof(
  { weight: 4, arbitrary: name },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...RELATIONS), name).map((path) => path.join('.')) },
  { weight: 1, arbitrary: joined(name, '.', 8) },
)

const BOUNDS = words('0 -1 9007199254740991 9223372036854775807 9223372036854775808 1e308 -1e308 1e400 0.1 now()')
const TIMES = ['timestamp("9999-12-31T23:59:59Z")', 'timestamp("0001-01-01T00:00:00Z")', 'duration("8766000h")', '-duration("8766000h")']

const comparison = fc
  .tuple(namePath, fc.constantFrom(...words('== != < >= in .contains .startsWith .endsWith .matches +')), hostileText, fc.boolean())
  .map(([path, op, text, list]) => {
    const constant = list ? `[${JSON.stringify(text)}]` : JSON.stringify(text)
    if (op.startsWith('.')) return `${path}${op}(${constant})`
    return op === '+' ? `${path} + ${constant} == ${path}` : `${path} ${op} ${constant}`
  })

const arithmetic = fc
  .tuple(
    fc.constantFrom(...words('whole cents ratio at day span size(words) twice')),
    fc.constantFrom(...words('== < > != + - * / %')),
    fc.constantFrom(...BOUNDS, ...TIMES),
    namePath,
  )
  .map(([field, op, bound, path]) =>
    '+-*/%'.includes(op) ? `${field} ${op} ${bound} ${op} ${bound} > ${path}` : `${field} ${op} ${bound}`,
  )

const deep = repeated(['(', '!', '-', '[', 'things.exists(x, ', '(yes ? ', 'size(', 'words.all(x, '], 3000).map(
  ([opening, depth]) => `${opening.repeat(depth)}yes${')'.repeat(opening.includes('(') ? depth : 0)}`,
)
const wide = repeated([' && ', ' || ', ' == ', ' + ', ' in ', ' ? yes : '], 400).map(([op, count]) => Array(count).fill('yes').join(op))

/** Expressions: random tokens, well-formed expressions with hostile constants, deep and wide ones. */
const expression = fc.oneof(
  { weight: 2, arbitrary: joined(fc.oneof(from('tokens'), name, hostileText), ' ', 25) },
  { weight: 3, arbitrary: comparison },
  { weight: 2, arbitrary: arithmetic },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: wide },
)

/** A cursor in this server's form with hostile content, or a random text. */
const cursor = fc.oneof(
  fc
    .tuple(
      mostly(6, fc.constantFrom(...words('id -id word,id -whole,-id at,id createdAt,id __proto__')), hostileText),
      fc.array(fc.oneof(value, fc.constant(null), fc.integer(), fc.constant({}), fc.constant([[]])), { maxLength: 4 }),
    )
    .map((parts) => base64(JSON.stringify(parts.flat()))),
  fc.json({ depthSize: 'large' }).map(base64),
  fc.integer({ min: 1, max: 5000 }).map((depth) => base64('['.repeat(depth))),
  hostileText,
)

function base64(text: string): string {
  return Buffer.from(text).toString('base64url')
}

type Parameter = readonly [name: string, value: string]

export const parameter: fc.Arbitrary<Parameter> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(
      fc.tuple(namePath, fc.constantFrom(...OPS)).map(([path, op]) => `filter[${path}][${op}]`),
      value,
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      namePath.map((path) => `filter[${path}]`),
      value,
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('filter'), expression) },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constant('sort'),
      joined(
        fc.tuple(fc.constantFrom('', '-', '--', '+'), name).map((key) => key.join('')),
        ',',
        10,
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant('page[size]'), mostly(1, value, fc.constantFrom(...words('1 100 101 0 -1 1e9 NaN 1e3.5')))),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('page[after]'), cursor) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...words('fields fields[owner] fields[owner.things] fields[__proto__]')), joined(name, ',', 6)),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant('include'), joined(mostly(1, fc.constantFrom(...RELATIONS), namePath), ',', 25)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('search'), value) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('count'), mostly(2, fc.constantFrom('true', 'false'), hostileText)) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom(
        ...words(
          'filter[] filter[a filter[a]b filter[a][b][c] filter[][eq] page page[] page[size][a] filter[__proto__] __proto__ constructor',
        ),
      ),
      value,
    ),
  },
  { weight: 1, arbitrary: fc.tuple(hostileText, hostileText) },
)

/** Parameters for text fields, which accept any value, so hostile values reach the database. */
export const searching: fc.Arbitrary<Parameter> = fc.oneof(
  fc.tuple(
    fc
      .tuple(fc.constantFrom(...words('word hidden owner.name name id words link')), fc.constantFrom(...OPS))
      .map(([path, op]) => `filter[${path}][${op}]`),
    value,
  ),
  fc.tuple(fc.constant('search'), value),
  fc
    .tuple(
      fc.constantFrom('word == ', 'word < ', 'hidden != ', 'owner.name == ', 'word.contains(', 'words.exists(x, x == ', 'word + "" >= '),
      value,
    )
    .map(([start, text]) => ['filter', `yes && ${start}${JSON.stringify(text)}${start.includes('(') ? ')' : ''}`] as const),
)

/** Encodes a text like a client. */
export function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** Encodes a text as little as an HTTP request line allows. */
function bare(text: string): string {
  return text.toWellFormed().replaceAll(/[^!$'()*+,\-./0-9:;=?@A-Z[\]_a-z~%|{}^`\\"<>]/gu, encodeURIComponent)
}

export function queryOf(parameters: readonly Parameter[], spell: (text: string) => string): string {
  return parameters.map(([key, text]) => `${spell(key)}=${spell(text)}`).join('&')
}

export const query = fc
  .tuple(fc.array(parameter, { maxLength: 5 }), fc.constantFrom(encoded, bare), fc.constantFrom(1, 1, 1, 1, 2, 250))
  .map(([parameters, spell, times]) => Array(times).fill(queryOf(parameters, spell)).join('&').slice(0, 14_000))
