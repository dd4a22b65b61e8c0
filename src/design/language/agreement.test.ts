/** Compares the checker, the published JSON Schema and the resolver on sound and damaged documents, made from the facts of the language. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { SEEDED, shortened } from '../../../test/support/random.ts'
import { formatDiagnostic } from '../../base/diagnostic.ts'
import { toPlain } from '../authoring/plain.ts'
import { checkDesign } from '../check/check.ts'
import { CATALOGUE } from '../findings/catalogue.ts'
import { reportOn } from '../findings/report.ts'
import { NO_SOURCE } from '../findings/source.ts'
import { readDesign } from '../read/read.ts'
import { resolveDesign } from '../resolve/resolve.ts'
import type { Form, FormKey } from './form.ts'
import { DESIGN } from './language.ts'
import { designSchema } from './schema.ts'

const accepted = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: false }).compile(designSchema)

/** Whether the structural check finds nothing. */
function passes(document: unknown): boolean {
  const report = reportOn(NO_SOURCE)
  const plain = toPlain(document, report)
  if (plain !== undefined) checkDesign(plain, report)
  return report.list.length === 0
}

const MEMBER = fc.constantFrom('title', 'author', 'state', 'org', 'slug', 'published')
const EXPRESSIONS = fc.constantFrom('true', 'auth.id != null', 'published', 'author.id == auth.id', 'now()', 'title ==', 'staff', 'a.b.c')

function documents(form: Form): fc.Arbitrary<unknown> {
  switch (form.kind) {
    case 'text':
      return textOf(form)
    case 'expression':
      return EXPRESSIONS
    case 'span':
      return fc.constantFrom('50ms', '5m', '90d')
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: Math.max(form.min, -5), max: Math.min(form.max, Math.max(form.min, 300)) })
    case 'number':
      return fc.constantFrom(0, 1.5, -2)
    case 'enum':
      return fc.constantFrom(...form.values)
    case 'code':
      return fc.constant('./a.ts#b')
    case 'value':
      return fc.oneof(EXPRESSIONS, fc.integer(), fc.boolean(), fc.constant(null))
    case 'tree':
      return fc.oneof(EXPRESSIONS, fc.constant(null), fc.dictionary(MEMBER, EXPRESSIONS, { maxKeys: 3 }))
    case 'json':
      return fc.jsonValue({ maxDepth: 2 })
    case 'list':
      return fc.array(documents(form.of), { minLength: form.min, maxLength: Math.max(form.min, Math.min(form.max, 3)) })
    case 'map':
      return fc.dictionary(fc.oneof(MEMBER, fc.constantFrom('Post', 'User', 'Post.created')), documents(form.of), { maxKeys: 3 })
    case 'object':
      return objects(form.keys)
    case 'tagged':
      return fc.oneof(...Object.entries(form.cases).map(([name, c]) => objects(c.keys).map((keys) => ({ ...keys, [form.tag]: name }))))
    case 'keyed':
      return fc.oneof(...Object.values(form.cases).map(documents))
    case 'either':
      return fc.oneof(...form.of.map(documents))
  }
}

function textOf(form: Extract<Form, { kind: 'text' }>): fc.Arbitrary<string> {
  const { pattern } = form
  if (pattern === undefined) return fc.constantFrom('title', 'author', 'state', 'Post', 'User', '5', 'ä"')
  const fitting = [
    'blog',
    'BILLING_TOKEN',
    'https://example.com',
    '0 3 * * *',
    'i in author',
    'GET /a/{title}',
    'openapi.yml',
    'pages/a.html',
    '/v2',
    '10MB',
  ].filter((text) => new RegExp(pattern.source, 'u').test(text))
  return fc.constantFrom(...fitting)
}

function objects(keys: Readonly<Record<string, FormKey>>): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(keys)
  const required = names.filter((name) => keys[name]?.required)
  const rest = names.filter((name) => !required.includes(name))
  const picked = fc.subarray(rest, { maxLength: Math.min(4, rest.length) })
  return picked.chain((optional) =>
    fc.record(
      Object.fromEntries(
        [...required, ...optional].map((name) => [name, fc.constant(name).chain((n) => documents(keys[n]?.form ?? { kind: 'json' }))]),
      ),
    ),
  )
}

/** Puts something else in one place of a document. */
function damage(document: unknown, way: readonly number[], wrong: unknown): unknown {
  const [step, ...rest] = way
  if (step === undefined || typeof document !== 'object' || document === null) return wrong
  if (Array.isArray(document))
    return document.length === 0 ? [wrong] : document.map((item, i) => (i === step % document.length ? damage(item, rest, wrong) : item))
  const names = Object.keys(document)
  if (names.length === 0 || step % 7 === 0) return { ...document, odd: wrong }
  const name = names[step % names.length] ?? ''
  return { ...document, [name]: damage((document as Record<string, unknown>)[name], rest, wrong) }
}

const designs = documents(DESIGN)
const damaged = fc
  .tuple(
    designs,
    fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }),
    fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('', 'text', 'ref', -1)),
  )
  .map(([design, way, wrong]) => damage(design, way, wrong))

test('the published schema is a valid JSON Schema that explains every key', () => {
  const unexplained = JSON.stringify(designSchema).match(/"properties":\{"[a-z]+":\{"(?!description|enum|const|properties)/g)
  assert.equal(unexplained, null)
  assert.equal(accepted({ name: 'blog', entities: {} }), true)
})

test('the checker and the published schema agree on every document', () => {
  const runs = shortened(1_500)
  let sound = 0
  fc.assert(
    fc.property(fc.oneof(designs, damaged), (document) => {
      const verdict = passes(document)
      if (verdict) sound++
      assert.equal(verdict, accepted(document), JSON.stringify({ document, errors: accepted.errors?.slice(0, 3) }))
    }),
    { numRuns: runs, ...SEEDED },
  )
  assert.ok(sound > runs / 5, `only ${sound} of the documents were sound`)
})

test('the checker and the published schema agree on the bad designs and on the examples', async () => {
  const root = join(import.meta.dirname, '../../..')
  const rejects = readdirSync(join(root, 'test/rejects')).filter((name) => ['.yaml', '.json'].includes(extname(name)))
  const files = [
    ...rejects.map((name) => join(root, 'test/rejects', name)),
    join(root, 'examples/blog/design.ts'),
    join(root, 'examples/blog-yaml/design.yaml'),
  ]
  let compared = 0
  for (const file of files) {
    const read = await readDesign(file)
    if (!read.ok || file.endsWith('nan.yaml')) continue
    compared++
    assert.equal(passes(read.design), accepted(JSON.parse(JSON.stringify(read.design))), file)
  }
  assert.ok(compared > 50, String(compared))
})

/** Checks the properties that every answer of the resolver must have. */
function checkResolution(document: unknown): void {
  const { model, diagnostics } = resolveDesign(document, NO_SOURCE)
  const failed = diagnostics.some((d) => d.severity === 'error')
  assert.equal(model === null, failed)
  for (const diagnostic of diagnostics) {
    assert.ok(Object.hasOwn(CATALOGUE, diagnostic.code), diagnostic.code)
    assert.ok(!formatDiagnostic(diagnostic).includes('\n'), formatDiagnostic(diagnostic))
    // The message of PLN-D021 contains the refused value, which may be one of these.
    if (diagnostic.code === 'PLN-D021') continue
    assert.ok(!/undefined|\[object|NaN\b/.test(diagnostic.message), diagnostic.message)
  }
}

test('every document is answered with a model or with an error, never with an exception', () => {
  fc.assert(fc.property(fc.oneof(designs, damaged), checkResolution), { numRuns: shortened(1_500), ...SEEDED })
})

test('every value gets an answer, also one with cycles, accessors and Proxies', () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withSet: true,
        withTypedArray: true,
        withSparseArray: true,
      }),
      checkResolution,
    ),
    { numRuns: shortened(500), ...SEEDED },
  )
  const circle: Record<string, unknown> = { name: 'x' }
  circle.entities = circle
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no')
      },
    },
  )
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const getter = {
    name: 'x',
    get entities() {
      throw new Error('no')
    },
  }
  for (const value of [
    circle,
    hostile,
    revoked.proxy,
    getter,
    { name: 'x', entities: hostile },
    { name: 'x', entities: { Post: revoked.proxy } },
  ])
    checkResolution(value)
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})
