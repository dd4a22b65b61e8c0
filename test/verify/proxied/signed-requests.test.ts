/** Forged messages: a correct backend refuses all of them, and one that checks signatures badly is noticed, for each scheme. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sampleVariables } from '../../../src/commands/verifying/backend/sample-variables.ts'
import { withClient } from '../../../src/postgres/connect.ts'
import { receiversOf } from '../../../src/services/webhooks/receivers.ts'
import type { Answered } from '../../../src/verify/expected/answered.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import type { CaseResult } from '../../../src/verify/run/case-result.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import type { SentRequest, Stage } from '../../../src/verify/run/stage.ts'
import { stageFor } from '../in-process.ts'
import { load } from '../loaded.ts'

const { design, model } = await load('test/verify/designs/posted.yaml')
const plan = allCasesOf(design, model, 'x')
const probes = plan.probes.filter(({ name }) => /^security\/F208\/(?:standard|plain|timed)\//.test(name))
const ends: (() => unknown)[] = []
after(async () => {
  for (const end of ends) await end()
})
const variables = sampleVariables(model, 'http://127.0.0.1:9')
const receivers = receiversOf(model, { networks: null, variables }, { mode: 'production' })
const served = await stageFor({ after: (end: unknown) => void ends.push(end as () => unknown) }, model, { receivers })
const stage: Stage = { ...served, variables }

const run = (on: Stage): Promise<readonly CaseResult[]> => runCases(on, { design, model, plan, cases: [], probes })

test('a correct backend refuses each forgery in each scheme, and takes what is signed rightly', async () => {
  assert.equal(probes.length, 3)
  const results = await run(stage)
  assert.deepEqual(
    results.map(({ wrong, left }) => [wrong, left]),
    probes.map(() => [null, undefined]),
  )
})

test('without the secret fewer forgeries are made, and the result names the others', async () => {
  const [first] = await run(served)
  assert.deepEqual([first?.wrong, first?.left?.cut], [null, 'the secret of the sender is not known here'])
})

/** What a backend with a defect answers to a message that it takes. */
const TAKEN: Answered = { status: 204, headers: {}, text: '', json: undefined }

/** The headers of a signed request, by the schemes of the design. */
const signatureIn = ({ headers = {} }: SentRequest): string | undefined =>
  headers['webhook-signature'] ?? headers['x-hub-signature-256'] ?? headers['sent-signature']

const FAULTS: readonly (readonly [what: string, named: RegExp, isTaken: (asked: SentRequest) => boolean])[] = [
  ['a message without a signature is taken', /missing/, (asked) => signatureIn(asked) === undefined],
  ['the version alone is taken for a signature', /empty-digest/, (asked) => signatureIn(asked) === 'v1,'],
  ['only the beginning of a signature is compared', /first-byte/, (asked) => /^v1,.{4}$/.test(signatureIn(asked) ?? '')],
  ['old messages are taken', /old/, ({ headers }) => Number(headers?.['webhook-timestamp'] ?? Infinity) < Date.now() / 1_000 - 300],
]

for (const [what, named, isTaken] of FAULTS)
  test(`it is found that ${what}`, async () => {
    const results = await run({ ...stage, ask: async (asked) => (isTaken(asked) ? TAKEN : stage.ask(asked)) })
    assert.match(results.map(({ wrong }) => wrong).join(' '), named)
  })

test('it is found that a message is refused only after its rows are written', async () => {
  const late: Stage = {
    ...stage,
    async ask(asked) {
      const answer = await stage.ask(asked)
      if (answer.status === 401) await withClient(stage.databaseUrl, (client) => client.query(`insert into payments (amount) values (1)`))
      return answer
    },
  }
  assert.match((await run(late)).map(({ wrong }) => wrong).join(' '), /Payment/)
})

test('it is found that a right signature is refused', async () => {
  const refusing: Stage = { ...stage, ask: async (asked) => (asked.body === '[' ? { ...TAKEN, status: 401 } : stage.ask(asked)) }
  assert.match((await run(refusing)).map(({ wrong }) => wrong).join(' '), /401 for a right signature/)
})
