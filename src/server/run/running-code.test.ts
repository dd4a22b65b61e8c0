import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRunningCode, seeCode } from './running-code.ts'

test('another thread sees the names of what runs, the latest first', () => {
  const running = openRunningCode()
  const first = running.begin('Post.beforeCreate')
  running.begin('Räume.afterUpdate')
  assert.deepEqual(seeCode(running.memory).names, ['Räume.afterUpdate', 'Post.beforeCreate'])
  first()
  running.begin('transfer')
  assert.deepEqual(seeCode(running.memory).names, ['transfer', 'Räume.afterUpdate'])
})

test('the turns of the event loop are counted', () => {
  const running = openRunningCode()
  const before = seeCode(running.memory).turns
  running.turn()
  assert.equal(seeCode(running.memory).turns, before + 1)
  running.turn({ debugged: true })
  assert.deepEqual(seeCode(running.memory), { turns: before + 2, debugged: true, names: [] })
  running.turn()
  assert.equal(seeCode(running.memory).debugged, false)
})

test('with more runs than there is room for, the first ones are named', () => {
  const running = openRunningCode()
  const ends = Array.from({ length: 100 }, (_, i) => running.begin(`run ${i}`))
  assert.equal(seeCode(running.memory).names.length, 64)
  for (const end of ends) end()
  assert.deepEqual(seeCode(running.memory).names, [])
  running.begin('x'.repeat(1_000))
  assert.equal(seeCode(running.memory).names[0]?.length, 248)
})
