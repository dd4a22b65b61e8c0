/** The family `security` against a correct backend, and against one with a seeded fault of each class. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Model } from '../../src/model/model.ts'
import type { Answered } from '../../src/verify/expected/answered.ts'
import type { WrittenDesign } from '../../src/verify/expected/written-design.ts'
import { allCasesOf } from '../../src/verify/families/all-cases.ts'
import { mutantsOf } from '../../src/verify/mutants/run/mutants-of.ts'
import { runCases } from '../../src/verify/run/run-cases.ts'
import type { SentRequest, Stage } from '../../src/verify/run/stage.ts'
import { ROOT } from '../support/command-line.ts'
import { stageFor } from './in-process.ts'

const read = await readDesign(join(ROOT, 'examples/blog'))
assert.ok(read.ok)
const design = read.design as WrittenDesign
const model: Model = resolveDesign(read.design, read.source).model ?? assert.fail('no model')
const plan = allCasesOf(design, model, 'x')

const ends: (() => Promise<unknown>)[] = []
after(async () => {
  for (const end of ends.reverse()) await end()
})
const t = { after: (end: unknown) => void ends.push(async () => (end as () => unknown)()) }
const correct = await stageFor(t, model)

/** The names of the probes of a class that find something. */
async function found(stage: Stage, of: string): Promise<readonly string[]> {
  const probes = plan.probes.filter(({ name }) => name.startsWith(`security/${of}`))
  assert.ok(probes.length > 0)
  const results = await runCases(stage, { design, model, plan, cases: [], probes })
  return results.flatMap((result) => (result.wrong === null ? [] : [`${result.case.name}: ${result.wrong}`]))
}

test('a correct backend has none of the faults', async () => {
  assert.deepEqual(await found(correct, ''), [])
})

type Change = (asked: SentRequest, answered: Answered) => Answered | Promise<Answered>

const FAULTS: readonly { readonly what: string; readonly of: string; readonly named: RegExp; readonly change: Change }[] = [
  {
    what: 'a failure shows a stack if a header asks for it',
    of: 'F209',
    named: /debug-asked: .*a stack/,
    change: ({ headers }, answered) =>
      headers?.['x-debug'] === undefined ? answered : { ...answered, text: `${answered.text} at read (/app/src/read.ts:12:3)` },
  },
  {
    what: 'a failure shows the message of PostgreSQL',
    of: 'F209',
    named: /filter-overflow: .*PostgreSQL/,
    change: ({ url }, answered) =>
      url.includes('999999') ? { ...answered, text: 'value "99999999999999999999999" is out of range for type bigint' } : answered,
  },
  {
    what: 'an address for debugging was left',
    of: 'F210',
    named: /path\/debug\/stats: status 200/,
    change: ({ url }, answered) => (url === '/debug/stats' ? { ...answered, status: 200, text: '{}' } : answered),
  },
  {
    what: '_method is honoured',
    of: 'F210',
    named: /Post\/override-query: status 204/,
    change: ({ url, token }, answered) =>
      url.includes('_method=DELETE') ? correct.ask({ method: 'DELETE', url: url.split('?', 1)[0] ?? '', token }) : answered,
  },
  {
    what: 'a quote in an order leads to an error of the server',
    of: 'F200',
    named: /Post\/sort: status 500/,
    change: ({ url }, answered) => (url.includes('sort=') && url.includes("'") ? { ...answered, status: 500 } : answered),
  },
  {
    what: 'a filter with OR finds more rows',
    of: 'F200',
    named: /Post\/filter-value: .*rows, and none/,
    change: ({ url }, answered) =>
      url.includes('%20OR%20') && url.includes('eq]') ? { ...answered, status: 200, json: { data: [{}] } } : answered,
  },
  {
    what: 'a failure is a page with a part of the request',
    of: 'F201',
    named: /html-accepted: the answer is HTML/,
    change: ({ headers, url }, answered) =>
      headers?.accept?.includes('html') === true
        ? { ...answered, headers: { 'content-type': 'text/html' }, text: `no ${decodeURIComponent(url)}` }
        : answered,
  },
]

for (const { what, of, named, change } of FAULTS) {
  test(`it is found that ${what}`, async () => {
    const faulty: Stage = { ...correct, ask: async (asked) => change(asked, await correct.ask(asked)) }
    const names = await found(faulty, of)
    assert.ok(
      names.some((name) => named.test(name)),
      names.join('\n') || 'nothing is found',
    )
  })
}

test('it is found that a body sets a field that the server sets', async () => {
  const mutant = mutantsOf(model, plan).find(({ name }) => name === 'mutants/set-overridden/Post.author')
  assert.ok(mutant?.plant.kind === 'model')
  const stage = await stageFor(t, mutant.plant.change(model), { databaseUrl: correct.databaseUrl })
  const names = await found(stage, 'F203/Post')
  assert.ok(
    names.some((one) => /Post\/author\/create: status 201/.test(one)),
    names.join('\n') || 'nothing is found',
  )
})

test('it is found that a body with a version is accepted', async () => {
  const mutant = mutantsOf(model, plan).find(({ name }) => name === 'mutants/maintained-field-accepted/Post/version')
  assert.ok(mutant?.plant.kind === 'exchange')
  const { request } = mutant.plant.open()
  const names = await found({ ...correct, ask: (asked) => correct.ask(request?.(asked) ?? asked) }, 'F203/Post')
  assert.ok(
    names.some((one) => /Post\/version\/patch: status 200/.test(one)),
    names.join('\n') || 'nothing is found',
  )
})
