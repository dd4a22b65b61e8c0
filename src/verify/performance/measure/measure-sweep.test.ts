import assert from 'node:assert/strict'
import { test } from 'node:test'
import { throughputAt } from '../statistics/usl.ts'
import { sweepOf } from './measure-sweep.ts'

const LOADS = [1, 2, 4, 8, 16, 32, 64, 128]
const LAW = { lambda: 500, sigma: 0.08, kappa: 0.0004 }

test('a sweep of a known law gives its parameters, its peak and no doubt', () => {
  const points = [...LOADS, ...LOADS].map((load, i) => ({ load, throughput: throughputAt(LAW, load) * (i % 3 === 0 ? 1.01 : 0.995) }))
  const { fit, doubts } = sweepOf(points)
  assert.deepEqual(doubts, [])
  assert.ok(fit !== null)
  assert.ok(Math.abs(fit.lambda.value - 500) < 15 && Math.abs(fit.sigma.value - 0.08) < 0.01)
  assert.ok(fit.peak !== null && Number.isInteger(fit.peak) && Math.abs(fit.peak - 48) < 4, String(fit.peak))
  assert.ok(fit.unseen < 0.05)
})

test('a sweep without a peak names none, and one without answers has no fit', () => {
  const straight = LOADS.map((load) => ({ load, throughput: throughputAt({ ...LAW, kappa: 0 }, load) }))
  assert.equal(sweepOf(straight).fit?.peak, null)
  const silent = LOADS.map((load) => ({ load, throughput: load < 4 ? 100 : 0 }))
  assert.deepEqual(sweepOf(silent).fit, null)
  assert.deepEqual(sweepOf(silent).doubts, ['fewer than four loads were answered'])
})
