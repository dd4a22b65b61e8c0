/**
 * Reads as columns against reads whose JSON PostgreSQL writes: equal status, headers and bytes, for random designs, rows, callers and
 * requests, merged and alone, through both doors of the server. SEED repeats a run, ANSWERS makes it longer.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answered, TestBackend } from '../support/backend.ts'
import { randomFrom } from '../support/random.ts'
import { nextQuery } from './documents.ts'
import { type Asking, ruledWorld, typedWorld, type World } from './worlds.ts'

const ANSWERS = Number(process.env.ANSWERS ?? (process.env.PLINTH_FULL === '1' ? 5_000 : 2_000))
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31)
const ANSWERS_EACH = 500
/** Requests that are sent together, so that they merge. */
const TOGETHER = 40

/** The parts of an answer that clients see. */
type Seen = Pick<Answered, 'status' | 'text'> & { readonly etag: unknown; readonly link: unknown; readonly length: unknown }

/** With this media type, GraphQL answers a refused request with a status of its own. */
const ACCEPT = { accept: 'application/graphql-response+json, */*' }

async function askTests({ ask }: TestBackend, { url, token }: Asking): Promise<Seen> {
  const { status, headers, text } = await ask('GET', url, { headers: ACCEPT, ...(token === null ? {} : { token }) })
  return { status, etag: headers.etag, link: headers.link, length: headers['content-length'], text }
}

async function askServer({ address }: World, { url, token }: Asking): Promise<Seen> {
  const answer = await fetch(address + url, { headers: { ...ACCEPT, ...(token === null ? {} : { authorization: `Bearer ${token}` }) } })
  const header = (name: string) => answer.headers.get(name) ?? undefined
  // As bytes, because `text()` would hide a byte order mark and bytes that are not UTF-8.
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await answer.arrayBuffer())
  return { status: answer.status, etag: header('etag'), link: header('link'), length: header('content-length'), text }
}

/** Asks for both forms, and compares the answers. `next` is the address of the next page, or null. */
async function compare(world: World, asking: Asking, { isServer, about }: { readonly isServer: boolean; readonly about: string }) {
  const [mine, theirs] = await Promise.all([
    isServer ? askServer(world, asking) : askTests(world.columns, asking),
    askTests(world.text, asking),
  ])
  // The text of a failure names the request, which differs.
  if (mine.status >= 400 && mine.status === theirs.status) return { isAnswer: false, next: null }
  assert.deepEqual(mine, theirs, `${about} ${asking.url}`)
  return { isAnswer: true, next: /^<([^>]*)>/.exec(String(mine.link))?.[1] ?? nextQuery(asking.url, mine.text) }
}

/** The reads that a backend has sent. */
function readsIn({ statements }: TestBackend): TestBackend['statements'] {
  return statements.flatMap(({ name, text }) => (/^(get|list) |^query$/.test(name) ? [{ name, text }] : []))
}

/** Whether a statement is one of the text form, in which PostgreSQL writes the objects. */
function isText({ text }: TestBackend['statements'][number]): boolean {
  return /'\{"|string_agg/.test(text)
}

test(`${ANSWERS} answers as columns equal those of the text form (SEED=${SEED})`, async (t) => {
  let answers = 0
  const sent = { columns: 0, merged: 0, queries: 0, mergedQueries: 0, text: 0 }
  for (let designs = 0, failed = false; answers < ANSWERS && !failed; designs++) {
    const seed = SEED + designs
    failed = true
    await t.test(`design ${seed}`, async (inner) => {
      const random = randomFrom(seed)
      const world = await (seed % 3 === 0 ? ruledWorld : typedWorld)(inner, random)
      for (let round = 0; round < ANSWERS_EACH / TOGETHER; round++) {
        // Few shapes for many callers, ids and cursors, so that calls share statements.
        const shapes = Array.from({ length: 3 }, () => random.below(2 ** 31))
        let asked = Array.from({ length: round % 4 === 3 ? 1 : TOGETHER }, () => world.read(random.pick(shapes)))
        while (asked.length > 0 && answers < ANSWERS) {
          const how = { isServer: round % 2 === 0, about: `SEED=${seed}` }
          const compared = await Promise.all(asked.map((asking) => compare(world, asking, how)))
          answers += compared.filter(({ isAnswer }) => isAnswer).length
          asked = compared.flatMap(({ next }, i) => (next === null ? [] : [{ url: next, token: asked[i]?.token ?? null }]))
        }
      }
      for (const read of readsIn(world.columns)) {
        const isMerged = read.text.includes('with ordinality as c(')
        if (isText(read)) sent.text++
        else if (read.name === 'query') sent[isMerged ? 'mergedQueries' : 'queries']++
        else sent[isMerged ? 'merged' : 'columns']++
      }
      assert.ok(readsIn(world.text).every(isText))
      failed = false
    })
  }
  t.diagnostic(`${answers} answers; statements: ${JSON.stringify(sent)}`)
  for (const [kind, count] of Object.entries(sent)) assert.ok(count > 0, `no statement was ${kind}`)
})
