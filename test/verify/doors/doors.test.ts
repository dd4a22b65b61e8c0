/** Defects at one of many doors are found by the cases that ask each door. `FAULT=text` tries those whose description has the text. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { withClient } from '../../../src/postgres/connect.ts'
import { NO_RATE_LIMITS } from '../../../src/server/http/rate-limits.ts'
import type { CasePlan } from '../../../src/verify/cases/cases-of.ts'
import { answerBook } from '../../../src/verify/contract/answer-book.ts'
import { ruleTexts } from '../../../src/verify/expected/written-design.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { stageOfTwo } from '../in-process.ts'
import { type Loaded, load, passwordHash } from '../loaded.ts'
import { firstOfEach, groupOfCases, IS_FULL } from '../planted/first-of-each.ts'
import { defective, type ProxiedFault } from '../proxied/proxied.ts'
import { BLOG_FAULTS } from './blog-faults.ts'
import { SHOP_FAULTS } from './shop-faults.ts'

const wanted = process.env.FAULT

interface Prepared {
  readonly loaded: Loaded
  readonly plan: CasePlan
  readonly stage: Stage
}

async function prepare(t: TestContext, design: string): Promise<Prepared> {
  const loaded = await load(design)
  const plan = allCasesOf(loaded.design, loaded.model, await passwordHash())
  const settings = { rateLimits: { ...NO_RATE_LIMITS, requests: 1_000_000 } }
  return { loaded, plan, stage: await stageOfTwo(t, loaded.model, settings) }
}

/** What the cases find whose names begin so. */
async function findings({ loaded: { design, model }, plan, stage }: Prepared, only: string, served = stage): Promise<readonly string[]> {
  const [cases, probes] = [plan.cases, plan.probes].map((all) => all.filter(({ name }) => name.startsWith(only)))
  assert.ok(cases !== undefined && probes !== undefined && cases.length + probes.length > 0, `no case is named ${only}`)
  // Wrong passwords of an earlier run would lock an account.
  await withClient(stage.databaseUrl, (client) => client.query('truncate plinth.login_attempts'))
  const book = answerBook(model, { rules: ruleTexts(design), machine: 'machine-7', isAlone: true })
  const asked = { design, model, plan, book, cases: cases as typeof plan.cases, probes: probes as typeof plan.probes }
  const results = await runCases(served, asked)
  return results.flatMap(({ wrong, case: { claim, name } }) => (wrong === null ? [] : [`${claim} ${name}: ${wrong}`]))
}

async function tryFaults(t: TestContext, design: string, faults: readonly ProxiedFault[]): Promise<Prepared> {
  const prepared = await prepare(t, design)
  const chosen =
    wanted === undefined ? firstOfEach(faults, ({ only }) => groupOfCases(only)) : faults.filter(({ what }) => what.includes(wanted))
  // Of the blog, another test asks all cases about security.
  const alone = chosen.map((fault) => fault.only).filter((only) => design !== BLOG || !only.startsWith('security/'))
  for (const only of new Set(alone))
    await t.test(`${only} finds nothing in a correct backend`, async () => assert.deepEqual(await findings(prepared, only), []))
  for (const fault of chosen) {
    await t.test(`it is found that ${fault.what}`, async () => {
      const found = await findings(prepared, fault.only, defective(prepared.stage, fault, prepared.plan.world.accounts))
      assert.ok(
        found.some((one) => fault.named.test(one)),
        `found ${found.length === 0 ? 'nothing' : found.join(', ')}`,
      )
    })
  }
  return prepared
}

const BLOG = 'examples/blog'

test('defects at one door of the blog are found', async (t) => {
  const prepared = await tryFaults(t, BLOG, BLOG_FAULTS)
  await t.test('it is found that equal passwords are stored in equal forms', async () => {
    const { ask } = prepared.stage
    const saltless: Stage['ask'] = async (asked) => {
      const answer = await ask(asked)
      if (asked.method === 'POST') await withClient(prepared.stage.databaseUrl, (client) => client.query(SAME_FORM))
      return answer
    }
    const found = await findings(prepared, 'identity/sign-in/new-accounts', { ...prepared.stage, ask: saltless })
    assert.match(found.join(), /two-at-once: the same password of another account is stored in the same form/)
  })
})

/** Gives the accounts of one moment the form of the password of the first. */
const SAME_FORM = `update users u set password = f.password from (select distinct on (created_at) created_at, password from users order by created_at, id) f
  where u.created_at = f.created_at and u.created_at > now() - interval '10 s'`

const skip = !IS_FULL && 'plans and migrates the shop: npm run test:long'

test('defects at one door of the shop are found', { skip }, async (t) => {
  await tryFaults(t, 'examples/shop', SHOP_FAULTS)
})
