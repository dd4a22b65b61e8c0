import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allDiffer, textHash, textSet, textSlots, textTable } from './text-hash.ts'

const TEXTS = Array.from({ length: 2_000 }, (_, i) => `${i % 7 === 0 ? 'é' : 'e'}${'x'.repeat(i % 40)}${i}${'y'.repeat(i % 60)}`)

/** Two texts with the same hash: they differ where no character counts. */
const ALIKE = ['a', 'b'].map((middle) => `${'-'.repeat(50)}${middle}${'-'.repeat(49)}`) as [string, string]

test('a table finds exactly its texts', () => {
  assert.equal(textHash(ALIKE[0]), textHash(ALIKE[1]))
  const find = textTable([...TEXTS, ...ALIKE, ''].map((text) => [text, { text }]))
  for (const text of [...TEXTS, ...ALIKE, '']) assert.equal(find(`_${text}`.slice(1))?.text, text)
  for (const text of ['x', 'toString', `${TEXTS[5]} `]) assert.equal(find(text), undefined)
  assert.equal(textTable([])('x'), undefined)
})

test('slots find what was set, until another text takes the slot', () => {
  const slots = textSlots<number>(4_096)
  slots.set(ALIKE[0], 1)
  assert.deepEqual([slots.get(ALIKE[0]), slots.get(ALIKE[1])], [1, undefined])
  slots.delete(ALIKE[1])
  assert.equal(slots.get(ALIKE[0]), 1)
  slots.set(ALIKE[1], 2)
  assert.deepEqual([slots.get(ALIKE[0]), slots.get(ALIKE[1])], [undefined, 2])
  slots.delete(ALIKE[1])
  assert.equal(slots.get(ALIKE[1]), undefined)
})

test('texts differ when none occurs twice', () => {
  assert.ok(allDiffer([]) && allDiffer(['']) && allDiffer(ALIKE) && allDiffer(TEXTS))
  assert.ok(!allDiffer(['', 'x', '']))
  for (const at of [0, 999, 1_999]) assert.ok(!allDiffer([...TEXTS, `_${TEXTS[at]}`.slice(1)]))
})

test('a set has the texts that were added, and no others', () => {
  const set = textSet(TEXTS.length + ALIKE.length + 1)
  for (const text of [...TEXTS, ALIKE[0], '', '']) set.add(text)
  for (const text of [...TEXTS, ALIKE[0], '']) assert.ok(set.has(`_${text}`.slice(1)))
  for (const text of ['x', ALIKE[1], `${TEXTS[5]} `]) assert.ok(!set.has(text))
  assert.ok(!textSet(0).has(''))
})
