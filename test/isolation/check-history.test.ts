import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import { checkHistory, type Operation, type Transaction } from './check-history.ts'

const append = (key: string, value: number): Operation => ({ kind: 'append', key, value })
const read = (key: string, ...list: number[]): Operation => ({ kind: 'read', key, list })
const ok = (...operations: Operation[]): Transaction => ({ outcome: 'ok', operations })
const failed = (...operations: Operation[]): Transaction => ({ outcome: 'failed', operations })
const unknown = (...operations: Operation[]): Transaction => ({ outcome: 'unknown', operations })
const kinds = (...history: Transaction[]): readonly string[] => checkHistory(history, true).map(({ kind }) => kind)

test('a serial history has no anomaly', () => {
  assert.deepEqual(kinds(ok(append('x', 1), append('y', 2)), ok(read('x', 1), append('x', 3)), ok(read('x', 1, 3), read('y', 2))), [])
})

test('each known anomaly is found, and none besides it', () => {
  const reads = ok(read('x', 1, 2), read('y', 4, 3))
  assert.deepEqual(kinds(ok(append('x', 1), append('y', 3)), ok(append('x', 2), append('y', 4)), reads), ['G0'], 'dirty write')
  assert.deepEqual(kinds(failed(append('x', 1)), ok(read('x', 1))), ['G1a'], 'read of what was rolled back')
  assert.deepEqual(kinds(ok(read('x', 1))), ['G1a'], 'read of what nobody wrote')
  assert.deepEqual(
    kinds(ok(append('x', 1), append('x', 2)), ok(read('x', 1)), ok(read('x', 1, 2))),
    ['G1b', 'G2'],
    'a part of a transaction',
  )
  assert.deepEqual(kinds(ok(append('x', 1), read('y', 2)), ok(append('y', 2), read('x', 1))), ['G1c'], 'each reads what the other wrote')
  const skew = [ok(read('x'), append('y', 1)), ok(read('y'), append('x', 2)), ok(read('x', 2), read('y', 1))]
  assert.deepEqual(kinds(...skew), ['G2'], 'write skew')
  const update = [ok(append('x', 1)), ok(read('x', 1), append('x', 2)), ok(read('x', 1), append('x', 3)), ok(read('x', 1, 2, 3))]
  assert.deepEqual(kinds(...update), ['G2'], 'lost update, of which the list keeps both')
  assert.deepEqual(kinds(ok(append('x', 1)), ok(append('x', 2)), ok(read('x', 2))), ['lost'], 'lost update')
  assert.deepEqual(kinds(ok(append('x', 1)), ok(append('x', 2)), ok(read('x', 1)), ok(read('x', 2))), ['order', 'lost'])
  assert.deepEqual(kinds(ok(append('x', 1), read('x')), ok(read('x', 1))), ['internal', 'G2'].slice(0, 1))
  const seen = [ok(append('x', 1), append('y', 2)), ok(read('x', 1), read('y')), ok(read('y', 2))]
  assert.deepEqual(kinds(...seen), ['G2'], 'a part of what was committed at once')
})

test('a transaction without an answer may have committed or not', () => {
  assert.deepEqual(kinds(unknown(append('x', 1)), ok(read('x', 1))), [])
  assert.deepEqual(kinds(unknown(append('x', 1)), ok(read('x'))), [])
  assert.deepEqual(kinds(unknown(append('x', 1), append('y', 2)), ok(read('x', 1), read('y')), ok(read('y', 2))), ['G2'])
})

/** A server that runs transactions of two operations one after the other, or with a mistake. */
function simulate(
  mistake: 'none' | 'reads before others write' | 'shows what is rolled back' | 'writes without locks',
): readonly Transaction[] {
  const { below, pick, chance } = randomFrom(RUN_SEED)
  const lists = new Map<string, readonly number[]>()
  const history: Transaction[] = []
  let value = 0
  const step = (key: string, snapshot: ReadonlyMap<string, readonly number[]>): Operation => {
    if (chance(0.5)) return { kind: 'read', key, list: snapshot.get(key) ?? [] }
    lists.set(key, [...(mistake === 'writes without locks' ? (snapshot.get(key) ?? []) : (lists.get(key) ?? [])), ++value])
    return { kind: 'append', key, value }
  }
  while (history.length < 600) {
    const [a, b] = [`k${below(3)}`, `l${below(3)}`]
    if (mistake === 'none' || chance(0.5)) history.push(ok(step(a, lists), step(b, lists)))
    else if (mistake === 'shows what is rolled back') {
      const before = new Map(lists)
      const operation = step(a, lists)
      history.push(ok({ kind: 'read', key: a, list: lists.get(a) ?? [] }), failed(operation))
      for (const [key, list] of before) lists.set(key, list)
      if (!before.has(a)) lists.delete(a)
    } else {
      const snapshot = new Map(lists)
      history.push(ok(step(a, snapshot), step(b, snapshot)), ok(step(pick([a, b]), snapshot), step(b === a ? 'm' : b, snapshot)))
    }
  }
  history.push(ok(...[...lists].map(([key, list]): Operation => ({ kind: 'read', key, list }))))
  return history
}

test(`a server with a mistake is found out, and one without is not (SEED=${RUN_SEED})`, () => {
  const found = (mistake: Parameters<typeof simulate>[0]): ReadonlySet<string> =>
    new Set(checkHistory(simulate(mistake), true).map(({ kind }) => kind))
  assert.deepEqual([...found('none')], [])
  assert.ok(found('shows what is rolled back').has('G1a'))
  assert.ok(found('reads before others write').has('G2'))
  assert.ok(found('writes without locks').has('lost'))
})
