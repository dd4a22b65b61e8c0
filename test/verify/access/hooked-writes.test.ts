/** Writes that hooks may change or refuse: what the rules refuse before the hook runs, what they allow, and hooks that answer otherwise. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { problem } from '../../../src/base/problem.ts'
import { ALWAYS } from '../../../src/model/expression.ts'
import type { Entity, Model } from '../../../src/model/model.ts'
import { type CasePlan, casesOf } from '../../../src/verify/cases/cases-of.ts'
import type { WrittenDesign } from '../../../src/verify/expected/written-design.ts'
import { claimsOfRun } from '../../../src/verify/report/claims-of.ts'
import type { CaseResult } from '../../../src/verify/run/case-result.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import { type Ends, modelFrom } from '../../support/backend.ts'
import { stageFor } from '../in-process.ts'
import { passwordHash } from '../loaded.ts'

/** Notes whose text a hook shortens, and which a hook keeps as they are once they are signed. */
function designWith(hook: (told: { readonly row: { readonly signed: boolean } }) => object) {
  return {
    name: 'notes',
    errors: { codes: { signed: { status: 423, message: 'a signed note stays as it is' } } },
    entities: {
      User: {
        identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { read: 'true', create: 'true', update: 'false', delete: 'false' },
      },
      Note: {
        fields: {
          owner: { type: 'ref', entity: 'User', set: 'auth.id' },
          text: { type: 'text', max: 50 },
          shared: { type: 'boolean', default: false },
          signed: { type: 'boolean', default: false },
        },
        access: { read: 'shared || owner == auth.id', create: 'auth.id != null', update: 'owner == auth.id && !signed', delete: 'false' },
        hooks: { beforeUpdate: hook },
      },
    },
  }
}

const ends: Parameters<Ends['after']>[0][] = []
after(async () => {
  for (const end of ends.reverse()) await (end as () => unknown)()
})

interface Asked {
  readonly plan: CasePlan
  readonly results: readonly CaseResult[]
}

/** Asks the cases about changes of notes. @param spoil changes what is served. */
async function asked(design: object, spoil: (note: Entity) => Entity = (note) => note): Promise<Asked> {
  const model = modelFrom(design)
  const written = design as unknown as WrittenDesign
  const plan = casesOf(written, model, await passwordHash())
  const served: Model = { ...model, entities: model.entities.map((entity) => (entity.name === 'Note' ? spoil(entity) : entity)) }
  const stage = await stageFor({ after: (end) => void ends.push(end) }, served)
  const cases = plan.cases.filter(({ name }) => /^(access\/Note\.update|values\/Note\.text)/.test(name))
  return { plan, results: await runCases(stage, { design: written, model, plan, cases }) }
}

const verdicts = ({ plan, results }: Asked) =>
  claimsOfRun(plan, results, { file: 'x', lineOf: () => null, commandFor: () => '' }).flatMap(({ id, result, open }) =>
    id.startsWith('access/Note.update') ? [`${id} ${result.verdict} ${open.join()}`.trim()] : [],
  )
const keeps = ({ row }: { readonly row: { readonly signed: boolean } }) => {
  if (row.signed) throw problem('signed')
  return { text: 'x' }
}

test('rules of writes with hooks are decided, where hooks let them through', async () => {
  const run = await asked(designWith(keeps))
  assert.deepEqual(
    run.results.filter(({ wrong }) => wrong !== null),
    [],
  )
  assert.deepEqual(verdicts(run), ['access/Note.update.from holds', 'access/Note.update.to holds'])
  const names = run.results.map((result) => result.case.name)
  assert.ok(names.some((name) => name.startsWith('values/Note.text/above-max/patch')))
})

test('a rule before a hook that is not judged is found', async () => {
  const run = await asked(
    designWith(() => ({})),
    ({ access, ...note }) => ({ ...note, access: { ...access, update: { ...access.update, from: ALWAYS } } }),
  )
  assert.ok(run.results.some(({ wrong, case: { claim } }) => wrong !== null && claim === 'access/Note.update.from'))
})

test('a hook that refuses all writes leaves what they would show open', async () => {
  const run = await asked(
    designWith(() => {
      throw problem('signed')
    }),
  )
  assert.deepEqual(
    run.results.filter(({ wrong }) => wrong !== null),
    [],
  )
  const [from] = verdicts(run)
  assert.match(from ?? '', /update\.from undecided owner==auth\.id\/true,signed\/false/)
})
