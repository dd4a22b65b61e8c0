/** Scenarios: those of a correct backend hold, and each fault that they are about is noticed at its call. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Form } from '../../../src/design/language/form.ts'
import { SCENARIOS } from '../../../src/design/language/language-goals.ts'
import { ALWAYS } from '../../../src/model/expression.ts'
import type { Model } from '../../../src/model/model.ts'
import type { Scenario } from '../../../src/model/parts/scenario.ts'
import { casesOf } from '../../../src/verify/cases/cases-of.ts'
import type { ProbeCase } from '../../../src/verify/cases/probe.ts'
import { answerBook } from '../../../src/verify/contract/answer-book.ts'
import { referenceOf } from '../../../src/verify/expected/reference.ts'
import type { CaseResult } from '../../../src/verify/run/case-result.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import { scenarioCases } from '../../../src/verify/scenarios/scenario-cases.ts'
import { blockOf, missingWords, referencePage } from '../../documents/reference-page.ts'
import { temporaryFolder } from '../../support/command-line.ts'
import { stageFor } from '../in-process.ts'
import { type Loaded, load, passwordHash } from '../loaded.ts'

const CLINIC = 'test/verify/scenarios/clinic.yaml'

interface Asked {
  /** Unless given, the clinic. */
  readonly loaded?: Loaded
  /** What the backend serves in place of the model of the design. */
  readonly served?: (model: Model) => Model
  /** What the scenarios say in place of those of the design. */
  readonly scenarios?: (scenarios: readonly Scenario[]) => readonly Scenario[]
}

const SAME = (model: Model): Model => model

/** Asked after the scenarios: the rows are those of the world again. */
const ROWS_ARE_BACK: ProbeCase = {
  ...{ name: 'rows/back', claim: 'rows', door: 'rows', user: null, goals: [], atoms: {}, last: true },
  async ask({ rows, before }) {
    assert.deepEqual(await rows(), before)
    const answer = { status: 200, headers: {}, text: '', json: undefined }
    return { wrong: null, statuses: [200], why: '', sent: { method: 'GET', url: '/' }, answer }
  },
}

/** What came of the scenarios of the clinic, by name. */
async function outcomes(t: TestContext, { loaded, served = SAME, scenarios = (all) => all }: Asked): Promise<Map<string, CaseResult>> {
  const { design, model: own } = loaded ?? (await load(CLINIC))
  const model = { ...own, scenarios: scenarios(own.scenarios) }
  const hash = await passwordHash()
  const plan = casesOf(design, model, hash)
  const { families } = scenarioCases({ reference: referenceOf(design, model, plan.world.rows), world: plan.world }, hash)
  const probes = families.flatMap((family) => family.probes)
  const stage = await stageFor(t, served(own))
  const cases = served === SAME ? plan.cases.slice(0, 40) : []
  const results = await runCases(stage, { design, model, plan, cases, probes: [...probes, ROWS_ARE_BACK], book: answerBook(own) })
  // No answer of a scenario is held against the document of another caller.
  const others = results.filter((result) => result.wrong !== null && !result.case.claim.startsWith('scenarios/'))
  assert.deepEqual(
    others.map((result) => `${result.case.name}: ${result.wrong}`),
    [],
  )
  return new Map(
    results.filter((result) => result.case.door === 'scenario').map((result) => [result.case.claim.slice('scenarios/'.length), result]),
  )
}

function wrongs(results: ReadonlyMap<string, CaseResult>): Readonly<Record<string, string>> {
  return Object.fromEntries([...results].flatMap(([name, { wrong }]) => (wrong === null ? [] : [[name, wrong]])))
}

test('the scenarios of a correct backend hold', async (t) => {
  const results = await outcomes(t, {})
  assert.deepEqual([...results.keys()], ['public-doctors', 'late-cancel', 'books-and-finishes'])
  assert.deepEqual(wrongs(results), {})
})

/** The model of the clinic with another rule. */
const withAccess =
  (entity: string, operation: 'read' | 'delete') =>
  (model: Model): Model => ({
    ...model,
    entities: model.entities.map((one) => (one.name === entity ? { ...one, access: { ...one.access, [operation]: ALWAYS } } : one)),
  })

test('a rule that lets too many in is noticed at the call that it is about', async (t) => {
  assert.deepEqual(wrongs(await outcomes(t, { served: withAccess('Account', 'read') })), {
    'public-doctors': 'call 1, list Account as anonymous: the list finds ada, pat, expected ada',
  })
  assert.deepEqual(wrongs(await outcomes(t, { served: withAccess('Visit', 'delete') })), {
    'late-cancel': 'call 2, delete v as pat: status 204, expected 403',
  })
})

test('an action that does too little is noticed in the rows afterwards', async (t) => {
  const lazy = (model: Model): Model => ({
    ...model,
    actions: model.actions.map((action) =>
      action.name === 'finish' && action.transition !== null ? { ...action, transition: { ...action.transition, to: 'missed' } } : action,
    ),
  })
  assert.deepEqual(wrongs(await outcomes(t, { served: lazy })), {
    'books-and-finishes': 'call 4, call Visit.finish on v as ada: /v/state is "missed", expected "done"',
  })
})

test('rows that cannot be there, and events that are not logged, are findings', async (t) => {
  const changed = (all: readonly Scenario[]): readonly Scenario[] =>
    all.map((one) => {
      if (one.name === 'late-cancel') return { ...one, events: [{ entity: 'Visit', happening: 'deleted', rows: [] }] }
      if (one.name !== 'public-doctors') return one
      const [ada] = one.rows
      return {
        ...one,
        rows:
          ada === undefined
            ? []
            : [
                { ...ada, values: { ...ada.values, email: 'same@a.com' } },
                { ...ada, name: 'eve', values: { email: 'same@a.com' } },
              ],
      }
    })
  assert.deepEqual(wrongs(await outcomes(t, { scenarios: changed })), {
    'public-doctors': 'the row eve cannot be there: another row has its email',
    'late-cancel': 'Visit.deleted of v was logged 1 times, expected 0',
  })
})

test('the scenarios on the page hold, and the page shows what a wrong rule leads to', async (t) => {
  const page = referencePage('scenarios.md')
  assert.deepEqual(missingWords(page, wordsOf(SCENARIOS.of)), [])
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'design.yaml'), blockOf(page, 'yaml design'))
  const loaded = await load(join(folder, 'design.yaml'))
  assert.deepEqual(wrongs(await outcomes(t, { loaded })), {})
  const strict = blockOf(page, 'yaml design').replace('(desk || patient == auth.id && startsAt', '(patient == auth.id && startsAt')
  writeFileSync(join(folder, 'design.yaml'), strict)
  const { model } = await load(join(folder, 'design.yaml'))
  assert.deepEqual(wrongs(await outcomes(t, { loaded, served: () => model })), { 'late-cancel': blockOf(page, 'text wrong').trim() })
})

/** The keys of a form and of what is in it. */
function wordsOf(form: Form): readonly string[] {
  switch (form.kind) {
    case 'object':
      return Object.entries(form.keys).flatMap(([key, { form: inner }]) => [key, ...wordsOf(inner)])
    case 'map':
    case 'list':
      return wordsOf(form.of)
    case 'keyed':
      return Object.values(form.cases).flatMap(wordsOf)
    case 'either':
      return form.of.flatMap(wordsOf)
    default:
      return []
  }
}

test('a text alone is not tested, and says so', async () => {
  const { design, model } = await load(CLINIC)
  const plan = casesOf(design, model, 'x')
  const { families, left } = scenarioCases({ reference: referenceOf(design, model, plan.world.rows), world: plan.world }, 'x')
  assert.deepEqual(left, [{ what: 'scenarios/prose', why: 'it is not written as data' }])
  assert.match(families[1]?.plan.claim ?? '', /the patient does not\. \(R10\)$/)
})
