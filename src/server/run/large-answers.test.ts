import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/failure.ts'
import { LIMITS } from '../../base/limits.ts'
import { openLargeAnswers } from './large-answers.ts'

const ONE = { ip: '127.0.0.1' }
const OTHER = { ip: '127.0.0.2' }
const isOverloaded = (error: unknown) => error instanceof Failure && error.code === 'overloaded'

test('the parts of answers under way share the bytes of one address', () => {
  const answers = openLargeAnswers()
  const first = answers.collect(ONE)
  first.add(LIMITS.answerBytes)
  const second = answers.collect(ONE)
  second.add(LIMITS.answerBytes - 1)
  assert.throws(() => second.add(2), isOverloaded)
  assert.throws(() => answers.require(LIMITS.answerBytes, ONE), isOverloaded)
  answers.require(LIMITS.answerBytes, OTHER)
  first.end()
  second.add(2)
  second.end()
  answers.require(2 * LIMITS.answerBytes, ONE)
})

test('small answers are not counted', () => {
  const answers = openLargeAnswers()
  for (let i = 0; i < 10_000; i++) answers.collect(ONE).add(60_000)
  answers.require(2 * LIMITS.answerBytes, ONE)
})

test('an answer of many small parts is counted once it is large', () => {
  const answers = openLargeAnswers()
  const many = answers.collect(ONE)
  for (let i = 0; i < 10; i++) many.add(60_000)
  assert.throws(() => answers.require(2 * LIMITS.answerBytes - 599_999, ONE), isOverloaded)
  answers.require(2 * LIMITS.answerBytes - 600_000, ONE)
})
