/** Faults of what browsers show: pages of actions, and stored files. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerBook } from '../../../src/verify/contract/answer-book.ts'
import { allCasesOf } from '../../../src/verify/families/all-cases.ts'
import { runCases } from '../../../src/verify/run/run-cases.ts'
import type { Stage } from '../../../src/verify/run/stage.ts'
import { stageFor } from '../in-process.ts'
import { load } from '../loaded.ts'

test('it is found that a page shows a text without escaping it', async (t) => {
  const notices = await load('test/verify/designs/notices.yaml')
  const own = allCasesOf(notices.design, notices.model, 'x')
  const stage = await stageFor(t, notices.model)
  const probes = own.probes.filter(({ name }) => name.startsWith('security/F201/page'))
  const wrong = async (asked: Stage['ask']): Promise<readonly (string | null)[]> => {
    const results = await runCases({ ...stage, ask: asked }, { ...notices, plan: own, cases: [], probes, book: answerBook(notices.model) })
    return results.map((result) => result.wrong).filter((one) => one !== null)
  }
  assert.deepEqual(await wrong(stage.ask), [])
  const unescaped: Stage['ask'] = async (asked) => {
    const answered = await stage.ask(asked)
    return { ...answered, text: answered.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>') }
  }
  assert.deepEqual(await wrong(unescaped), ['the page has the script'])
})

test('it is found that a stored file is shown as the page that it is', async (t) => {
  const pictures = await load('test/verify/designs/pictures.yaml')
  const own = allCasesOf(pictures.design, pictures.model, 'x')
  const stage = await stageFor(t, pictures.model)
  const probes = own.probes.filter(({ name }) => name === 'security/F201/Picture/file-photo')
  const wrong = async (ask: Stage['ask']): Promise<readonly (string | null)[]> =>
    (await runCases({ ...stage, ask }, { ...pictures, plan: own, cases: [], probes })).map((result) => result.wrong)
  assert.deepEqual(await wrong(stage.ask), [null])
  const inline: Stage['ask'] = async (asked) => {
    const answered = await stage.ask(asked)
    return { ...answered, headers: { ...answered.headers, 'content-disposition': 'inline' } }
  }
  assert.match(String(await wrong(inline)), /the file is shown as/)
})

test('a page of stored texts is not tested where no row with a script can be created', async (t) => {
  const notices = await load('test/verify/designs/notices.yaml')
  const own = allCasesOf(notices.design, notices.model, 'x')
  const stage = await stageFor(t, notices.model)
  const probes = own.probes.filter(({ name }) => name === 'security/F201/stored-Notice')
  const leftBy = async (ask: Stage['ask']): Promise<readonly unknown[]> =>
    (await runCases({ ...stage, ask }, { ...notices, plan: own, cases: [], probes })).map(({ wrong, left }) => [wrong, left])
  const strict: Stage['ask'] = async (asked) => {
    const answered = await stage.ask(asked)
    return JSON.stringify(asked.body ?? '').includes('<script>') ? { ...answered, status: 400 } : answered
  }
  const goal = 'stored-Notice'
  assert.deepEqual(await leftBy(strict), [[null, { [goal]: 'no row could be created that has a script in a text' }]])
  // The page needs an input, so it cannot be opened without one.
  assert.deepEqual(await leftBy(stage.ask), [[null, { [goal]: 'no page without inputs could be opened' }]])
  const open: Stage['ask'] = (asked) => stage.ask(asked.url === '/hello' ? { ...asked, url: '/hello?name=x' } : asked)
  assert.deepEqual(await leftBy(open), [[null, undefined]])
})
