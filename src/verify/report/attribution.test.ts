import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Case, NamedCase } from '../cases/case.ts'
import { ALL } from '../expected/abstract-request.ts'
import type { CaseResult } from '../run/case-result.ts'
import { securityOf } from './security-of.ts'

const { model } = resolveDesign(
  { name: 'notes', entities: { Note: { fields: { text: { type: 'text', max: 9 } }, access: { read: 'true', create: 'true' } } } },
  NO_SOURCE,
)

const CREATE = { kind: 'create', entity: 'Note', rows: [{}], many: false, selected: ALL } as const

function named(claim: string, more: Partial<Case> = {}): NamedCase {
  return { name: `${claim}/x`, claim, door: 'create', user: null, goals: ['x'], atoms: {}, ...more }
}

function result(of: NamedCase, more: Partial<CaseResult> = {}): CaseResult {
  const sent = { method: 'POST', url: '/api/notes' }
  return { case: of, wrong: null, expected: { statuses: [400], why: '' }, sent, status: 400, answer: '', ms: 0, ...more }
}

/** The classes that these results are about, with the number of cases and failures. */
function classes(results: readonly CaseResult[]): Readonly<Record<string, string>> {
  assert.ok(model !== null)
  const rows = securityOf({ model, results, claims: [], only: null })
  assert.equal(rows.length, 16)
  return Object.fromEntries(rows.flatMap((row) => (row.cases === 0 ? [] : [[row.class, `${row.cases} ${row.failed}`]])))
}

test('a refused create with a wrong value counts as wrong data, a refused creation, and a possible error of the server', () => {
  assert.deepEqual(classes([result(named('values/Note.text', { request: CREATE, api: 'rest', refused: 'text' }))]), {
    F100: '1 0',
    F102: '1 0',
    F104: '1 0',
  })
})

test('a write of an anonymous caller that a rule refuses counts as a change and as an operation without sign-in', () => {
  const one = named('access/Note.create', { request: CREATE, api: 'rest' })
  assert.deepEqual(classes([result(one, { expected: { statuses: [401], why: '' }, wrong: 'status 201', status: 201 })]), {
    F100: '1 0',
    F104: '1 1',
    F207: '1 1',
    F208: '1 1',
  })
})

test('a signed-in caller who is answered 401 in place of 403 is not recognised, and a hidden row counts as hidden', () => {
  const get = { kind: 'get', entity: 'Note', id: '1', selected: ALL } as const
  const one = named('access/Note.read', { request: get, api: 'rest', user: 'ann', door: 'get' })
  const seen = { expected: { statuses: [404], why: '', hidden: true }, sent: { method: 'GET', url: '/api/notes/1' } } as const
  assert.deepEqual(classes([result(one, { ...seen, status: 404 })]), { F100: '1 0', F204: '1 0', F205: '1 0', F206: '1 0' })
  assert.deepEqual(classes([result(one, { ...seen, status: 401, wrong: 'status 401' })]), {
    F100: '1 0',
    F204: '1 1',
    F205: '1 1',
    F206: '1 1',
  })
})

test('a case of any family that is answered with a status from 500 is an error of the server', () => {
  assert.equal(classes([result(named('lists/Note'), { status: 500, wrong: 'status 500' })]).F100, '1 1')
  assert.equal(classes([result(named('races/Note'), { wrong: 'the backend logged a defect: x' })]).F100, '1 1')
})

test('a class that the design cannot have is not applicable, one without cases is not tested, and neither holds', () => {
  assert.ok(model !== null)
  const verdicts = Object.fromEntries(
    securityOf({ model, results: [], claims: [], only: null }).map((row) => [row.class, [row.verdict, row.why]]),
  )
  assert.deepEqual(verdicts.F205, ['not-applicable', 'the design has no accounts'])
  assert.deepEqual(verdicts.F103, ['not-applicable', 'nobody may delete a row'])
  assert.deepEqual(verdicts.F202, [
    'not-applicable',
    'no field is an address, nothing is sent to addresses of callers, and there are no tokens',
  ])
  assert.deepEqual(verdicts.F102, ['not-tested', 'no case of this run is about it'])
})
