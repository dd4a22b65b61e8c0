/** docs/reference/design.md: every example resolves without an error, and every key of the language is explained. */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Form } from '../../src/design/language/form.ts'
import { DESIGN } from '../../src/design/language/language.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { testExamples, type WholeDesigns } from './design-examples.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/design.md'), 'utf8')

const HELPERS =
  "import { backend, boolean, choice, computed, date, decimal, duration, email, file, integer, json, list, number, password, ref, sequence, text, time, timestamp, token, url, uuid } from 'plinth'"
const REST = `
    Org: { access, fields: { name: text() } },
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: email({ unique: true }), password: password() },
      access,
    },`
const ACCESS = "const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }"
const YAML_REST = `
  Org: { access: { read: 'true' }, fields: { name: { type: text } } }
  User:
    identity: { login: email, password: password }
    access: { read: 'true' }
    fields: { email: { type: email, unique: true }, password: { type: password } }
`
const YAML_POST = `
  Post:
    access: { read: 'true' }
    fields: { title: { type: text }, state: { type: choice, values: [draft, published] }, author: { type: ref, entity: User } }
`

const indent = (text: string, by: number): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))

/** For each kind of example, a design that contains the example. */
const WHOLE: WholeDesigns = {
  'ts design': (code) => code,
  'ts fields': (code) =>
    `${HELPERS}\n${ACCESS}\nexport default backend({ name: 'x', entities: { ${REST} Post: { access, fields: {\n${code}\n} } } })`,
  'ts entity': (code) => `${HELPERS}\n${ACCESS}\nexport default backend({ name: 'x', entities: { ${REST} Post: {\n${code}\n} } })`,
  'yaml design': (code) => code,
  'yaml fields': (code) => `name: x\nentities:${YAML_REST}  Post:\n    access: { read: 'true' }\n    fields:\n${indent(code, 6)}`,
  'yaml top': (code) => `name: x\nentities:${YAML_REST}${YAML_POST}\n${code}`,
}

const examples = testExamples(page, WHOLE)

test('the first two examples are the same design', async () => {
  const [typescript, yaml] = await Promise.all(
    ['ts', 'yaml'].map(async (language, i) => {
      const { code = '', folder = '' } = examples[i] ?? {}
      const file = join(folder, `same-${i}.${language}`)
      writeFileSync(file, code)
      const read = await readDesign(file)
      return read.ok ? resolveDesign(read.design, read.source).model : null
    }),
  )
  assert.ok(typescript !== null)
  assert.deepEqual(yaml, typescript)
})

test('every key of the language is on the page', () => {
  const keys = new Set<string>()
  const visit = (form: Form): void => {
    if (form.kind === 'object') {
      for (const [name, key] of Object.entries(form.keys)) {
        keys.add(name)
        visit(key.form)
      }
    } else if (form.kind === 'tagged' || form.kind === 'keyed') {
      for (const [name, c] of Object.entries(form.cases)) {
        keys.add(name)
        visit(c)
      }
    } else if (form.kind === 'list' || form.kind === 'map') visit(form.of)
    else if (form.kind === 'either') form.of.forEach(visit)
  }
  visit(DESIGN)
  // business logic, reactions, mails, webhooks, services and jobs have pages of their own
  const others = ['logic', 'events', 'mail', 'webhooks', 'services', 'backends', 'broker', 'jobs', 'files'].map((name) =>
    readFileSync(join(import.meta.dirname, `../../docs/reference/${name}.md`), 'utf8'),
  )
  const pages = page + others.join('')
  const words = new Set([...pages.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(/\$?\w+/g) ?? []))
  assert.deepEqual(
    [...keys].filter((key) => !words.has(key)),
    [],
  )
})

test('the links within the page lead somewhere', () => {
  const anchors = new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
  for (const [, target = ''] of page.matchAll(/\]\(#([\w-]+)\)/g)) assert.ok(anchors.has(target), target)
})
