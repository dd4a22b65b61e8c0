import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FamilyPlan } from '../cases/family-plan.ts'
import type { CaseResult } from '../run/case-result.ts'
import { claimsOfRun } from './claims-of.ts'

const ORIGIN = { file: 'x', lineOf: () => null, commandFor: () => '' }
const NO_ROW = 'there is no row'

function planOf(asked: readonly string[]): FamilyPlan {
  return { id: 'reads/Note', claim: '', path: [], oracle: '', text: '', what: 'reads', asked, impossible: [], untested: [] }
}

function result(goals: readonly string[], left: CaseResult['left'] = {}, wrong: string | null = null): CaseResult {
  const one = { name: `reads/Note/${goals[0]}`, claim: 'reads/Note', door: 'rest', user: null, goals, atoms: {} }
  const answered = { expected: { statuses: [200], why: '' }, sent: { method: 'GET', url: '/' }, status: 200, answer: '', ms: 0 }
  return { case: one, left, wrong, ...answered }
}

test('each case counts once: one without a goal, and one of an operation that no document has', () => {
  const stray = { ...result([]), case: { ...result([]).case, claim: 'answers/Note.delete', name: 'answers/Note.delete/404' } }
  const results = [result(['list']), result(['list']), result([]), stray]
  const claims = claimsOfRun({ plans: [], values: [], families: [planOf(['list'])] }, results, ORIGIN)
  assert.deepEqual(
    claims.map(({ id, result: { verdict, cases }, evidence, passed }) => [id, verdict, cases, evidence.length, passed]),
    [
      ['reads/Note', 'holds', 3, 1, ['reads/Note/list', 'reads/Note/undefined']],
      ['answers/Note.delete', 'holds', 1, 0, ['answers/Note.delete/404']],
    ],
  )
  const [, failing] = claimsOfRun({ plans: [], values: [], families: [planOf([])] }, [{ ...stray, wrong: 'status 204' }], ORIGIN)
  assert.equal(failing?.result.verdict, 'fails')
})

test('evidence has no hashes, tokens and secrets of the run', () => {
  const hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdHNhbHQ'
  const token = `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(30)}`
  const one: CaseResult = {
    ...result(['list'], {}, `User 1 has password ${JSON.stringify(hash)}, expected "x"`),
    sent: { method: 'POST', url: `/?token=${token}`, body: { rows: [{ password: hash }], note: 'otter-lantern' } },
    answer: JSON.stringify({ refreshToken: 'r'.repeat(43), password: hash, detail: `{"refreshToken":"${'s'.repeat(43)}"}` }),
  }
  const secrets = [{ kind: 'the value of a variable', text: 'otter-lantern' }]
  const [claim] = claimsOfRun({ plans: [], values: [], families: [planOf(['list'])] }, [one], { ...ORIGIN, secrets })
  const [shown] = claim?.evidence ?? []
  assert.equal(shown?.wrong, 'User 1 has password "<the hash of a password>", expected "x"')
  assert.equal(shown?.request, 'POST /?token=<a token>')
  assert.deepEqual(shown?.body, { rows: [{ password: '<the hash of a password>' }], note: '<the value of a variable>' })
  const inner = { refreshToken: '<a refresh token>', password: '<the hash of a password>', detail: '{"refreshToken":"<a refresh token>"}' }
  assert.deepEqual(JSON.parse(shown?.answer ?? ''), inner)
})

test('what a case could not ask is not tested, and a case that could ask nothing does not count', () => {
  const results = [result(['list']), result(['doors', 'head'], { doors: NO_ROW }), result(['foreign'], { foreign: NO_ROW })]
  const [claim] = claimsOfRun({ plans: [], values: [], families: [planOf(['list', 'doors', 'head', 'foreign'])] }, results, ORIGIN)
  assert.ok(claim !== undefined)
  assert.deepEqual([claim.result.verdict, claim.result.cases, claim.result.reached, claim.denominator.reachable], ['holds', 2, 2, 2])
  assert.deepEqual(claim.untested, ['doors', 'foreign'])
  const [nothing] = claimsOfRun({ plans: [], values: [], families: [planOf(['foreign'])] }, results.slice(2), ORIGIN)
  assert.deepEqual([nothing?.result.verdict, nothing?.result.cases, nothing?.denominator.untested], ['not-tested', 0, 1])
  const [wrong] = claimsOfRun({ plans: [], values: [], families: [planOf(['a'])] }, [result(['a'], { a: NO_ROW }, 'status 500')], ORIGIN)
  assert.equal(wrong?.result.verdict, 'fails')
})
