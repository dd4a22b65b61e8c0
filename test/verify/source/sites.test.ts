import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SWITCHES, withSwitches } from './sites.ts'

const SOURCE = `
function size(list: readonly number[], most: number): string {
  const seen: number[] = []
  list.forEach((one) => { seen.push(one) })
  if (list.length > most && list.some((one) => one > 0)) return 'large'
  return (list.length === 0 || !(most >= 1)) ? 'none' : \`small \${seen.length}\`
}
size
`

/** What the function says with one switch turned. @param turned the number of a site; -1 for none */
function sizeWith(turned: number, kind: string): (list: readonly number[], most: number) => string {
  const { text } = withSwitches('size.ts', SOURCE, 0)
  const said = (value: unknown): unknown => (kind === 'true' ? true : kind === 'left-out' || kind === 'false' ? false : value)
  const condition = (id: number, value: unknown): unknown => (id === turned ? said(value) : value)
  const comparison = (id: number, left: number, right: number, operator: string): boolean => {
    if (operator === '>') return id === turned ? left >= right : left > right
    return id === turned ? left > right : left >= right
  }
  const run = new Function(SWITCHES.condition, SWITCHES.comparison, `${text.replace(/\nsize\s*$/, '\nreturn size')}`)
  return run(condition, comparison)
}

test('a text with switches does what it did, and each turned switch plants its defect', () => {
  const { sites } = withSwitches('size.ts', SOURCE, 0)
  const plain = sizeWith(-1, 'true')
  assert.deepEqual([plain([], 2), plain([1], 2), plain([1, 2, 3], 2), plain([-1, -2, -3], 2)], ['none', 'small 1', 'large', 'small 3'])
  const outcomes = sites.flatMap(({ text, kinds }, id) =>
    kinds.map((kind) => {
      const changed = sizeWith(id, kind)
      return [text, kind, [changed([], 2), changed([1], 2), changed([1, 2], 2), changed([1, 2, 3], 2)].join()] as const
    }),
  )
  const outcomeOf = (text: string, kind: string): string => outcomes.find((one) => one[0] === text && one[1] === kind)?.[2] ?? 'none found'
  assert.equal(outcomeOf('seen.push(one)', 'left-out'), 'none,small 0,small 0,large')
  assert.equal(outcomeOf('list.length > most', 'bound'), 'none,small 1,large,large')
  assert.equal(outcomeOf('list.length > most', 'true'), 'none,large,large,large')
  assert.equal(outcomeOf('one > 0', 'false'), 'none,small 1,small 2,small 3')
  assert.equal(outcomeOf('list.length === 0', 'false'), 'small 0,small 1,small 2,large')
})

test('sites have their places in the source', () => {
  const { sites } = withSwitches('size.ts', SOURCE, 7)
  assert.deepEqual(
    sites.filter(({ kinds }) => kinds.includes('left-out')).map(({ line, column, text }) => [line, column, text.slice(0, 14)]),
    [
      [4, 3, 'list.forEach(('],
      [4, 27, 'seen.push(one)'],
    ],
  )
})
