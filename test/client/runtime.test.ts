/** Parts of the client that need no backend, and the command that writes it. */

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { FAILURES } from '../../src/base/failures/failure-catalogue.ts'
import { client } from '../../src/commands/delivering/client.ts'
import { clientFile } from '../../src/commands/delivering/client-files.ts'
import type { Io } from '../../src/commands/terminal/command.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { CLIENT_MARK } from '../../src/compile/client/client.ts'
import { cel, queryText } from '../../templates/client/query.ts'
import { storedTokens } from '../../templates/client/tokens.ts'
import { modelFrom } from '../support/backend.ts'
import { PLINTH, ROOT, run, temporaryFolder } from '../support/command-line.ts'
import { wide } from '../support/wide-design.ts'

test('queries are written as REST reads them', () => {
  const of = (asked: object): string => decodeURIComponent(queryText(asked).slice(1))
  assert.equal(queryText({}), '')
  assert.equal(
    of({ include: { author: { fields: ['name'], include: { org: true } }, lines: true } }),
    'fields[author]=name&include=author,author.org,lines',
  )
  assert.equal(
    of({ filter: { a: null, b: { ne: null }, c: { isNull: false } } }),
    'filter[a][isNull]=true&filter[b][isNull]=false&filter[c][isNull]=false',
  )
  assert.equal(
    of({ filter: { a: { gte: 1, lt: 2 }, b: { is: { c: { is: { d: true } } } } } }),
    'filter[a][gte]=1&filter[a][lt]=2&filter[b.c.d]=true',
  )
  assert.equal(of({ filter: { t: { in: ['a', 'b'], nin: ['c,d'] } } }), 'filter[t][in]=a,b&filter=!(t in ["c,d"])')
  assert.equal(
    of({ filter: { at: new Date(0) }, sort: ['-at', 'id'], size: 5, after: 'x' }),
    'filter[at]=1970-01-01T00:00:00.000Z&sort=-at,id&page[size]=5&page[after]=x',
  )
  assert.ok(!queryText({ filter: { 'a&b=c': 'd&e=f' } }).includes('&b=c'))
})

test('values in an expression are quoted, whatever they contain', () => {
  const { text } = cel`a == ${'x" || true || "\\\n\u2028'} && b in ${[1, -2, true, null]} && c < ${new Date(0)} && ${cel`d`}`
  assert.equal(
    text,
    'a == "x\\" || true || \\"\\\\\\n\\u2028" && b in [1, (-2), true, null] && c < timestamp("1970-01-01T00:00:00.000Z") && (d)',
  )
  assert.throws(() => cel`a == ${Number.NaN}`, TypeError)
})

test('what is no token in a storage is none', () => {
  for (const kept of ['', 'x', 'null', '[]', '{"token":1}', '{"token":"a","refreshToken":"b"}'])
    assert.equal(storedTokens({ getItem: () => kept, setItem: () => {}, removeItem: () => {} }).get(), null, kept)
})

test('the codes of the client are those of the catalogue', () => {
  const codes = [...readFileSync(join(ROOT, 'templates/client/codes.ts'), 'utf8').matchAll(/ {2}\| '(\w+)'/g)].map(([, code]) => code)
  const own = ['network_failed', 'timed_out', 'unexpected_answer']
  const known = Object.keys(FAILURES).filter((code) => code !== 'refused_by_design' && !code.startsWith('service_'))
  assert.deepEqual(codes.toSorted(), [...own, ...known].toSorted())
})

test('texts of a design cannot end a comment or a text of the client', () => {
  const model = modelFrom({
    name: 'odd',
    description: 'ends */ export const planted = 1 /*',
    entities: {
      Promise: {
        description: '*/ planted()',
        fields: { list: { type: 'choice', values: ["a'b", 'c\\', '*/', '\u2028'], description: '*/ planted() //' } },
        access: { read: 'true' },
      },
    },
  })
  const text = clientFile(model)
  assert.ok(!/\*\/[^\n]*planted/.test(text))
  assert.ok(text.includes("'a\\'b' | 'c\\\\' | '*/' | '\\u2028'"))
  // The runtime uses the name.
  assert.ok(/export interface Promise2 \{/.test(text))
  for (const design of [blog, wide]) assert.equal(clientFile(modelFrom(design)), clientFile(modelFrom(design)))
})

test('plinth client writes a folder or a file, leaves equal files alone, and replaces nothing of others', async (t) => {
  const folder = temporaryFolder(t)
  const first = await run(t, [...PLINTH, 'client', join(ROOT, 'examples/blog'), '--out', 'api', '--json'], { cwd: folder })
  assert.deepEqual([first.code, JSON.parse(first.stdout).written], [0, ['api/client.ts', 'api/runtime.ts']])
  const io: Io = {
    ...{ cwd: folder, env: {}, style: PLAIN, terminal: 'plain', observe: () => {}, stop: new AbortController().signal },
    self: { command: [], supervisor: null },
  }
  const again = (out: string) => client({ design: join(ROOT, 'examples/blog'), out }, io)
  const { data } = (await again('api')) as { readonly data: { readonly files: readonly string[]; readonly written: readonly string[] } }
  assert.deepEqual([data.files.length, data.written], [2, []])
  assert.equal((await again('web/api.ts')).exit, 0)
  assert.ok(readFileSync(join(folder, 'web/api.ts'), 'utf8').startsWith(CLIENT_MARK))
  mkdirSync(join(folder, 'mine'))
  writeFileSync(join(folder, 'mine/client.ts'), 'export {}')
  mkdirSync(join(folder, 'other/client.ts'), { recursive: true })
  for (const out of ['mine', 'other']) await assert.rejects(again(out), /client\.ts is there and was not made by plinth client/)
  await assert.rejects(again('api.js'), /is no name of a folder or of a file of TypeScript/)
  assert.equal(readFileSync(join(folder, 'mine/client.ts'), 'utf8'), 'export {}')
})
