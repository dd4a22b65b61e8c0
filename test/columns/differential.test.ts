/**
 * Reads as columns against reads whose JSON PostgreSQL writes: equal status, headers and bytes, for random designs, rows, callers and
 * requests, merged and alone. SEED repeats a run, ANSWERS makes it longer.
 */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { newPem } from '../identity/instances.ts'
import { type Answered, modelFrom, type TestBackend, testBackend } from '../support/backend.ts'
import { type Random, randomFrom } from '../support/random.ts'
import { randomRead } from './requests.ts'
import { plantTyped, typedDesign } from './typed-design.ts'

const ANSWERS = Number(process.env.ANSWERS ?? 5_000)
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const ROWS_EACH = 24
const ANSWERS_EACH = 500
/** Requests that are sent together, so that they merge. */
const TOGETHER = 40

interface Asking {
  readonly url: string
  /** Null for an anonymous caller. */
  readonly token: string | null
}

/** The two forms over one database. */
interface Pair {
  readonly columns: TestBackend
  readonly text: TestBackend
}

/** The parts of an answer that clients see. */
function seen({ status, headers, text }: Answered) {
  return { status, etag: headers.etag, link: headers.link, length: headers['content-length'], text }
}

/** Asks both forms, and compares the answers. `next` is the address of the next page, or null. */
async function compare({ columns, text }: Pair, { url, token }: Asking, about: string) {
  const asked = token === null ? {} : { token }
  const [mine, theirs] = await Promise.all([columns.ask('GET', url, asked), text.ask('GET', url, asked)])
  // A failure names the request, which differs.
  if (mine.status >= 400 && mine.status === theirs.status) return { isAnswer: false, next: null }
  assert.deepEqual(seen(mine), seen(theirs), `${about} ${url}`)
  return { isAnswer: true, next: /^<([^>]*)>/.exec(String(mine.headers.link))?.[1] ?? null }
}

/** The texts of the reads that a backend has sent. */
function readsIn({ statements }: TestBackend): readonly string[] {
  return statements.flatMap(({ name, text }) => (/^(get|list) /.test(name) ? [text] : []))
}

/** Whether a statement is one of the text form, in which PostgreSQL writes the objects. */
function isText(statement: string): boolean {
  return /'\{"|string_agg/.test(statement)
}

async function openPair(t: TestContext, random: Random): Promise<Pair> {
  const keys = readKeys('AUTH_KEYS', newPem())
  const columns = await testBackend(t, modelFrom(typedDesign(random)), { keys })
  const text = await testBackend(t, columns.model, { keys, databaseUrl: columns.databaseUrl, columns: false })
  await plantTyped(columns, random, ROWS_EACH)
  return { columns, text }
}

async function idsOf({ model, sql }: TestBackend): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = model.entities.map(async ({ name, table }) => {
    const rows = await sql(`select id::text from "${table}" order by id`)
    return [name, rows.map(({ id }) => String(id))] as const
  })
  return new Map(await Promise.all(all))
}

test(`${ANSWERS} answers as columns equal those of the text form (SEED=${SEED})`, async (t) => {
  let answers = 0
  const sent = { columns: 0, merged: 0, text: 0 }
  for (let designs = 0; answers < ANSWERS; designs++) {
    const seed = SEED + designs
    let failed = true
    await t.test(`design ${seed}`, async (inner) => {
      const random = randomFrom(seed)
      const pair = await openPair(inner, random)
      const ids = await idsOf(pair.columns)
      const people = (ids.get('Person') ?? []).slice(0, 3)
      const tokens = [null, ...(await Promise.all(people.map((id) => pair.columns.tokenFor(id))))]
      const one = (shape: number): Asking => ({
        url: randomRead({ shape: randomFrom(shape), values: random, model: pair.columns.model, ids }),
        token: random.pick(tokens),
      })
      for (let round = 0; round < ANSWERS_EACH / TOGETHER; round++) {
        // Few shapes for many callers, ids and cursors, so that calls share statements.
        const shapes = Array.from({ length: 3 }, () => random.below(2 ** 31))
        let asked = Array.from({ length: TOGETHER }, () => one(random.pick(shapes)))
        if (round % 4 === 3) asked = asked.slice(0, 1)
        while (asked.length > 0 && answers < ANSWERS) {
          const compared = await Promise.all(asked.map((asking) => compare(pair, asking, `SEED=${seed}`)))
          answers += compared.filter(({ isAnswer }) => isAnswer).length
          asked = compared.flatMap(({ next }, i) => (next === null ? [] : [{ url: next, token: asked[i]?.token ?? null }]))
        }
      }
      for (const text of readsIn(pair.columns)) {
        const isMerged = text.includes('unnest($1::text[]')
        if (isText(text)) sent.text++
        else sent[isMerged ? 'merged' : 'columns']++
      }
      assert.ok(readsIn(pair.text).every(isText))
      failed = false
    })
    if (failed) break
  }
  t.diagnostic(`${answers} answers; statements: ${JSON.stringify(sent)}`)
  for (const [kind, count] of Object.entries(sent)) assert.ok(count > 0, `no statement was ${kind}`)
})
