/** docs/reference/rest.md: its examples, run in the order of the page, and its limits. */

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { FILTER_OPS } from '../../src/server/plan/intent.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/reference/rest.md'), 'utf8')

const blocks = [...PAGE.matchAll(/^```(\w+)( \w+)?\n([\s\S]*?)^```$/gm)].map(([, language = '', kind = '', text = '']) => ({
  kind: `${language}${kind}`,
  text,
}))

/** The design that the page begins with. */
async function designOf(t: TestContext): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'plinth-docs-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'design.yaml')
  writeFileSync(file, blocks.find(({ kind }) => kind === 'yaml design')?.text ?? '')
  const read = await readDesign(file)
  if (!read.ok) throw new Error(read.diagnostics.map((d) => d.message).join('\n'))
  return read.design
}

/** The values of `<names>` on the page. An answer gives values to new names. */
type Names = Map<string, string>

interface Message {
  /** `POST /api/posts`, or the status. */
  readonly first: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

function parse(text: string): Message {
  const [head = '', ...rest] = text.split('\n\n')
  const [first = '', ...lines] = head.trim().split('\n')
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const)
  return { first, headers, body: rest.join('\n\n').trim() }
}

function filledIn(text: string, names: Names): string {
  return text.replaceAll(/<(\w+)>/g, (whole, name: string) => names.get(name) ?? whole)
}

/** Matches a text: `…` matches anything, and `<name>` matches the value of the name. */
function matchText(expected: string, actual: string, names: Names): void {
  const wanted: string[] = []
  const pattern = filledIn(expected, names)
    .replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('…', '.*')
    .replaceAll(/<(\w+)>/g, (_, name: string) => {
      wanted.push(name)
      return '(.+?)'
    })
  const match = new RegExp(`^${pattern}$`, 's').exec(actual)
  assert.ok(match !== null, `${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`)
  wanted.forEach((name, i) => {
    names.set(name, match[i + 1] ?? '')
  })
}

/** Matches JSON. An object that ends with `…` may have more members. */
function matchJson(expected: unknown, actual: unknown, names: Names): void {
  if (typeof expected === 'string') {
    // In JSON, ETags are without their quotes.
    matchText(expected, typeof actual === 'string' ? actual.replaceAll('"', '') : JSON.stringify(actual), names)
  } else if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual))
    assert.equal(actual.length, expected.length, JSON.stringify(actual))
    expected.forEach((item, i) => {
      matchJson(item, actual[i], names)
    })
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, JSON.stringify(actual))
    const { '…': more, ...named } = expected as Record<string, unknown>
    const given = actual as Record<string, unknown>
    for (const [name, value] of Object.entries(named)) {
      assert.ok(name in given, `${name} is missing in ${JSON.stringify(actual)}`)
      matchJson(value, given[name], names)
    }
    if (more === undefined) assert.deepEqual(Object.keys(given).sort(), Object.keys(named).sort())
  } else assert.equal(actual, expected)
}

function expectedJson(text: string): unknown {
  return JSON.parse(text.replaceAll(/([{,]) … }/g, '$1 "…": 0 }'))
}

async function follow({ ask }: TestBackend, request: Message, answer: Message, names: Names): Promise<void> {
  const [method = '', url = ''] = filledIn(request.first, names).split(' ')
  const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), filledIn(value, names)]))
  const body = request.body === '' ? undefined : filledIn(request.body, names)
  const got = await ask(method, url, { headers, body })
  assert.equal(String(got.status), answer.first, `${request.first}: ${got.text}`)
  for (const [name, value] of answer.headers) matchText(value, String(got.headers[name.toLowerCase()]), names)
  if (answer.body === '') assert.equal(got.text, '')
  else matchJson(expectedJson(answer.body), got.json, names)
}

test('every example of the page on REST is answered as the page says', async (t) => {
  const backend = await testBackend(t, modelFrom(await designOf(t)))
  const [ann] = await backend.sql("insert into users (name, email, password) values ('Ann', 'ann@example.com', 'x') returning id")
  const annId = String(ann?.id)
  const names: Names = new Map([
    ['annId', annId],
    ['ann', await backend.tokenFor(annId)],
  ])
  const messages = blocks.filter(({ kind }) => kind.startsWith('http'))
  assert.ok(messages.length >= 40)
  for (let i = 0; i < messages.length; i += 2) {
    const [request, answer] = [messages[i], messages[i + 1]]
    assert.deepEqual([request?.kind, answer?.kind], ['http', 'http answer'])
    await follow(backend, parse(request?.text ?? ''), parse(answer?.text ?? ''), names)
  }
})

test('the page has the limits that the server has, and every operator', () => {
  const shown = new Map(
    [...PAGE.matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm)].map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]),
  )
  const limits = Object.entries(LIMITS).filter(([name]) => !name.startsWith('graphql'))
  assert.deepEqual(Object.fromEntries(shown), Object.fromEntries(limits))
  for (const op of FILTER_OPS) assert.ok(PAGE.includes(`\`${op}\``), op)
})
