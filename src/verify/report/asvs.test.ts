import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { Model } from '../../model/model.ts'
import type { CaseResult } from '../run/case-result.ts'
import { ASVS } from '../security/asvs.ts'
import { type AsvsParts, asvsOf } from './asvs-of.ts'
import { type ClaimVerdict, claimsOfRun, type VerifiedClaim } from './claims-of.ts'
import { securityOf } from './security-of.ts'

function modelOf(entities: object): Model {
  const { model, diagnostics } = resolveDesign({ name: 'notes', entities }, NO_SOURCE)
  return model ?? assert.fail(JSON.stringify(diagnostics))
}

const NOTE = { fields: { text: { type: 'text', max: 9 } }, access: { read: 'true' } }
const USER = {
  identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
  fields: { email: { type: 'email', unique: true }, password: { type: 'password', min: 8, pattern: '[0-9]' } },
  access: { read: 'true', create: 'true' },
}

function result(claim: string, goal: string, wrong: string | null): CaseResult {
  const one = { name: `${claim}/${goal}`, claim, door: 'rest', user: null, goals: [goal], atoms: {} }
  return { case: one, wrong, expected: { statuses: [400], why: '' }, sent: { method: 'GET', url: '/' }, status: 400, answer: '', ms: 0 }
}

function verdicts(
  model: Model,
  results: readonly CaseResult[],
  { claims = [], only = null }: Partial<Pick<AsvsParts, 'claims' | 'only'>> = {},
): Readonly<Record<string, string>> {
  return Object.fromEntries(asvsOf({ model, results, claims, only }).map(({ requirement, verdict }) => [requirement, verdict]))
}

/** A claim of cases with a verdict. */
function claimOf(id: string, verdict: ClaimVerdict): VerifiedClaim {
  const origin = { file: 'x', lineOf: () => null, commandFor: () => '' }
  const plan = { id, claim: '', path: [], oracle: '', text: '', what: 'attacks', asked: [], impossible: [], untested: [] } as const
  const [claim] = claimsOfRun({ plans: [], values: [], families: [plan] }, [], origin)
  return claim === undefined ? assert.fail() : { ...claim, result: { ...claim.result, verdict } }
}

test('requirements are in the order of the standard, each once', () => {
  const order = ASVS.map(({ id }) =>
    id
      .split('.')
      .map((part) => part.padStart(2, '0'))
      .join('.'),
  )
  assert.deepEqual(order, [...new Set(order)].toSorted())
  assert.ok(ASVS.length >= 80)
})

test('a requirement is done where a case shows it, failed where one fails, and not tested where nothing asks it', () => {
  const model = modelOf({ Note: NOTE })
  assert.equal(verdicts(model, [result('security/F200/Note', 'sort', null)])['1.2.4'], 'done')
  assert.equal(verdicts(model, [result('security/F200/Note', 'sort', 'status 500')])['1.2.4'], 'failed')
  assert.equal(verdicts(model, [])['1.2.4'], 'not-tested')
  assert.equal(verdicts(model, [result('security/headers', 'nosniff/404', 'none')])['3.4.4'], 'failed')
  assert.equal(verdicts(model, [result('security/headers', 'nosniff/404', 'none')])['3.4.5'], 'not-tested')
})

test('what does not concern a design follows from a condition on it, and so does what a design does not meet', () => {
  const [without, having] = [verdicts(modelOf({ Note: NOTE }), []), verdicts(modelOf({ User: USER }), [])]
  assert.deepEqual([without['9.1.2'], without['3.3.1'], without['5.2.1'], without['2.3.1']], Array(4).fill('not-applicable'))
  assert.deepEqual([having['9.1.2'], having['6.2.5'], having['6.3.8']], ['not-tested', 'failed', 'failed'])
})

test('cases that passed do not make a requirement or a class done while their claim is undecided, or while --only leaves others out', () => {
  const model = modelOf({ Note: NOTE })
  const results = [result('security/F200/Note', 'sort', null)]
  const open = { claims: [claimOf('security/F200/Note', 'undecided'), claimOf('security/F200/Other', 'holds')] }
  assert.equal(verdicts(model, results, open)['1.2.4'], 'undecided')
  assert.equal(verdicts(model, results, { claims: [claimOf('security/F200/Other', 'undecided')] })['1.2.4'], 'done')
  const only = 'security/F200/Note'
  assert.equal(verdicts(model, results, { only })['1.2.4'], 'undecided')
  const row = asvsOf({ model, results, claims: [], only }).find(({ requirement }) => requirement === '1.2.4')
  assert.equal(row?.why, '--only security/F200/Note left out a part of its cases')
  assert.equal(verdicts(model, [result('security/F200/Note', 'sort', 'status 500')], { only })['1.2.4'], 'failed')
  const classOf = (of: string | null) => securityOf({ model, results, claims: [], only: of }).find((one) => one.class === 'F200')?.verdict
  assert.deepEqual([classOf(null), classOf(only)], ['holds', 'undecided'])
})
