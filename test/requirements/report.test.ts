/** Requirements in the report of verify: which claims are about them, and what follows. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Model } from '../../src/model/model.ts'
import type { Requirement, RequirementPart } from '../../src/model/parts/requirement.ts'
import type { ClaimVerdict, VerifiedClaim } from '../../src/verify/report/claims-of.ts'
import { requirementsOf } from '../../src/verify/report/requirements-of.ts'

function claim(id: string, path: string, verdict: ClaimVerdict = 'holds'): VerifiedClaim {
  const failed = verdict === 'fails' ? 1 : 0
  const evidence = { caller: '', request: '', body: null, status: 200, expected: [], because: '', atoms: {}, answer: null, ms: 0 }
  return {
    ...{ id, family: id.split('/')[0] ?? '', claim: '', from: { file: '', line: null, path, rule: '' } },
    ...{ result: { verdict, reached: 0, cases: 3, failed, undecided: 0 }, unreachable: [], open: [], untested: [] },
    evidence:
      id === 'tests'
        ? [
            { ...evidence, case: 'tests/test/a.test.ts/one', wrong: null },
            { ...evidence, case: 'tests/test/a.test.ts/two', wrong: 'no' },
          ]
        : [],
    passed: id === 'tests' ? ['tests/test/b.test.ts/three'] : [],
    ...({} as Pick<VerifiedClaim, 'method' | 'denominator' | 'reproduce'>),
  }
}

const design = (name: string): RequirementPart => ({
  kind: 'design',
  name,
  path: (/^[A-Z]/.test(name) ? `entities.${name}` : name).split('.'),
})
const ofTest = (file: string, of: string | null): RequirementPart => ({ kind: 'test', name: file, file, test: of })

/** The verdict of a requirement with these parts, and of each part. */
function seen(claims: readonly VerifiedClaim[], ...by: readonly RequirementPart[]): readonly string[] {
  const requirement: Requirement = {
    id: 'R1',
    text: '',
    source: null,
    status: 'met',
    by,
    because: null,
    offer: null,
    assumed: null,
    question: null,
  }
  const [row] = requirementsOf({ requirements: [requirement] } as unknown as Model, claims)
  return row === undefined ? [] : [row.verdict, ...row.parts.map(({ verdict, claims: about }) => `${verdict} ${about.join(',')}`.trim())]
}

test('a part is shown by the claims about it, what is in it, and the rule or action that it is in', () => {
  const claims = [
    claim('access/Visit.read', 'entities.Visit.access.read'),
    claim('values/Visit.startsAt', 'entities.Visit.fields.startsAt'),
    claim('lists/Visit', 'entities.Visit'),
    claim('races/Visit', 'entities.Visit'),
    claim('actions/Visit.miss', 'workflows.visiting.transitions.miss', 'fails'),
  ]
  assert.deepEqual(seen(claims, design('Visit.access.read')), ['holds', 'holds access/Visit.read'])
  assert.deepEqual(seen(claims, design('Visit.access')), ['holds', 'holds access/Visit.read'])
  assert.deepEqual(seen(claims, design('Visit.access.delete')), ['not-tested', 'not-tested'])
  assert.deepEqual(seen(claims, design('Visit.unique')), ['holds', 'holds races/Visit'])
  assert.deepEqual(seen(claims, design('Visit.fields.startsAt.max')), ['holds', 'holds values/Visit.startsAt'])
  assert.deepEqual(seen(claims, design('workflows.visiting')), ['fails', 'fails actions/Visit.miss'])
  assert.deepEqual(seen(claims, design('Visitor.access.read')), ['not-tested', 'not-tested'])
})

test('a requirement is as good as the worst of its parts, and one that was not tested does not hold', () => {
  const claims = [claim('access/A.read', 'entities.A.access.read'), claim('access/B.read', 'entities.B.access.read', 'undecided')]
  assert.equal(seen(claims, design('A.access.read'), design('B.access.read'))[0], 'undecided')
  assert.equal(seen(claims, design('A.access.read'), design('targets.p99'))[0], 'not-tested')
  assert.equal(seen(claims)[0], 'not-tested')
})

test('scenarios and tests of the project are parts', () => {
  const claims = [claim('scenarios/late', 'scenarios.late', 'fails'), claim('tests', '', 'fails')]
  const late: RequirementPart = { kind: 'scenario', name: 'scenarios.late', scenario: 'late', grants: [] }
  assert.deepEqual(seen(claims, late), ['fails', 'fails scenarios/late'])
  assert.deepEqual(seen(claims, ofTest('test/a.test.ts', 'one')), ['holds', 'holds tests'])
  assert.deepEqual(seen(claims, ofTest('test/a.test.ts', null)), ['fails', 'fails tests'])
  assert.deepEqual(seen(claims, ofTest('test/b.test.ts', 'three')), ['holds', 'holds tests'])
  assert.deepEqual(seen(claims, ofTest('test/b.test.ts', 'four')), ['not-tested', 'not-tested'])
})
