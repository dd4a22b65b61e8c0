import assert from 'node:assert/strict'
import test from 'node:test'
import { openUploadPlaces, type UploadPlaces } from './upload-places.ts'

/** Takes places for a sender until there are no more. @returns what gives them back, and why there are no more. */
function takeAll({ take }: UploadPlaces, sender: string) {
  const leave: (() => void)[] = []
  for (;;) {
    const taken = take(sender)
    if (typeof taken === 'string') return { leave, why: taken }
    leave.push(taken)
  }
}

test('a sender has eight places, and a place that is given back can be taken again', () => {
  const places = openUploadPlaces()
  const { leave, why } = takeAll(places, 'a')
  assert.deepEqual([leave.length, why], [8, 'of-sender'])
  leave[0]?.()
  assert.equal(typeof places.take('a'), 'function')
  assert.equal(places.take('a'), 'of-sender')
})

test('the more places are taken, the fewer one sender gets, and the faster all of them have to send', () => {
  const places = openUploadPlaces()
  const counts: number[] = []
  const rates: number[] = []
  const leave: (() => void)[] = []
  for (let sender = 0; leave.length < 64; sender++) {
    rates.push(places.leastRate())
    const taken = takeAll(places, `s${sender}`)
    counts.push(taken.leave.length)
    leave.push(...taken.leave)
  }
  assert.deepEqual(counts, [8, 8, 8, 8, 4, 4, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2])
  assert.deepEqual([...new Set(rates)], [8_192, 32_768, 65_536])
  assert.equal(places.take('new'), 'of-all')
  for (const one of leave) one()
  assert.equal(places.leastRate(), 8_192)
  assert.equal(takeAll(places, 's0').leave.length, 8)
})
