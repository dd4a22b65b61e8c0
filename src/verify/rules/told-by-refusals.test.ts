import assert from 'node:assert/strict'
import { test } from 'node:test'
import { challengeProblem, graphqlErrorProblem } from './told-by-refusals.ts'

const challenged = (said: string | undefined, status = 401) =>
  challengeProblem({ status, headers: said === undefined ? {} : { 'www-authenticate': said }, text: '', json: undefined }, 'Bearer')

const told = (error: unknown) => graphqlErrorProblem({ status: 200, headers: {}, text: '', json: { errors: [error] } })

test('a challenge has the scheme of the design and at most the documented parameter', () => {
  assert.equal(challenged('Bearer'), null)
  assert.equal(challenged('Bearer error="invalid_token"'), null)
  assert.equal(challenged(undefined, 403), undefined)
  assert.match(challenged(undefined) ?? 'nothing', /a 401 without/)
  for (const said of ['Token', 'Bearer realm="x"', 'Bearer error="invalid_token", error_description="jwt expired"', ''])
    assert.match(challenged(said) ?? 'nothing', /says more/, said)
})

test('an error of GraphQL has documented members alone, at each depth', () => {
  const problem = { pointer: '/x', rule: 'type', message: 'm' }
  const error = { message: 'm', path: ['x'], locations: [], extensions: { code: 'c', traceId: 't', errors: [problem] } }
  assert.equal(told(error), null)
  for (const wrong of [
    { ...error, kind: 'x' },
    { ...error, extensions: { ...error.extensions, kind: 'x' } },
    { ...error, extensions: { errors: [{ ...problem, kind: 'x' }] } },
  ])
    assert.match(told(wrong) ?? 'nothing', /the member kind/)
})
