import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { LIMITS } from '../../src/base/limits.ts'
import { type OpenApiDocument, openapi } from '../../src/compile/openapi/openapi.ts'
import { ANONYMOUS, type Caller } from '../../src/model/caller.ts'
import type { Model } from '../../src/model/model.ts'
import { FILTER_OPS } from '../../src/server/plan/intent.ts'
import { modelFrom } from '../support/backend.ts'
import { processorTime } from '../support/processor-time.ts'
import { wide } from '../support/wide-design.ts'
import { redocly, spectral } from './openapi-rules.ts'

const ANN = '01900000-0000-7000-8000-00000000000a'

function signedIn(role: string): Caller {
  return {
    claims: new Map([
      ['id', ANN],
      ['role', role],
    ]),
    session: '01900000-0000-7000-8000-0000000000f1',
  }
}

function documentOf(model: Model, reach: 'all' | Caller = 'all'): OpenApiDocument {
  return openapi(model, { reach, version: '1.0.0', limits: LIMITS })
}

function operationsOf(document: OpenApiDocument): readonly string[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).flatMap((method) => (method === 'parameters' ? [] : [`${method} ${path}`])),
  )
}

function propertiesOf(document: OpenApiDocument, schema: string): readonly string[] {
  const found = document.components.schemas?.[schema] as { readonly properties: object } | undefined
  assert.ok(found !== undefined, `no schema ${schema}`)
  return Object.keys(found.properties)
}

for (const [name, design] of [
  ['the blog', blog],
  ['a design of everything, with hostile descriptions', wide],
] as const) {
  for (const [whose, reach] of [
    ['all callers', 'all'],
    ['an anonymous caller', ANONYMOUS],
  ] as const) {
    test(`the document of ${name} for ${whose} breaks no rule of Redocly or Spectral`, async () => {
      const document = documentOf(modelFrom(design), reach)
      const findings = [...(await redocly(document)), ...(await spectral(document))]
      assert.deepEqual(
        findings.filter((f) => f.severity === 'error'),
        [],
      )
      // A design has no licence and no contact, and its descriptions may contain the word eval.
      const expected = new Set(['info-license', 'info-contact', 'no-eval-in-markdown'])
      assert.deepEqual(
        findings.filter((f) => !expected.has(f.rule)),
        [],
      )
    })
  }
}

test('the check finds a violated rule', async () => {
  const document = JSON.parse(JSON.stringify(documentOf(modelFrom(blog))))
  delete document.paths['/api/posts/{id}'].parameters
  document.paths['/api/posts'].post.requestBody.content['application/json'].example = { title: 5 }
  const rules = new Set(
    [...(await redocly(document)), ...(await spectral(document))].filter((f) => f.severity === 'error').map((f) => f.rule),
  )
  assert.ok(rules.has('path-parameters-defined') || rules.has('path-params'), [...rules].join())
  assert.ok(rules.has('oas3-valid-media-example'), [...rules].join())
})

test('operations that are closed to all callers are not documented', () => {
  const operations = operationsOf(documentOf(modelFrom(wide)))
  assert.deepEqual(
    operations.filter((o) => o.includes('/closeds')),
    [],
  )
  assert.deepEqual(
    operations.filter((o) => o.includes('/api/read-onlies')),
    [
      'get /api/read-onlies',
      'head /api/read-onlies',
      'options /api/read-onlies',
      'get /api/read-onlies/{id}',
      'head /api/read-onlies/{id}',
      'options /api/read-onlies/{id}',
    ],
  )
  assert.deepEqual(
    operations.filter((o) => o.includes('/api/write-onlies')),
    ['post /api/write-onlies', 'options /api/write-onlies', 'post /api/write-onlies/bulk'],
  )
})

test('a document for a caller contains only names that the caller can use', () => {
  const model = modelFrom(blog)
  const everything = operationsOf(documentOf(model))
  const anonymous = documentOf(model, ANONYMOUS)
  assert.deepEqual(
    everything.filter((o) => !operationsOf(anonymous).includes(o)),
    [
      'patch /api/users/{id}',
      'put /api/users/{id}',
      'delete /api/users/{id}',
      'post /api/posts',
      'post /api/posts/bulk',
      'patch /api/posts/{id}',
      'put /api/posts/{id}',
      'delete /api/posts/{id}',
    ],
  )
  assert.ok(!propertiesOf(anonymous, 'User').includes('email'))
  assert.ok(!propertiesOf(anonymous, 'UserCreate').includes('role'))
  const user = documentOf(model, signedIn('user'))
  assert.ok(propertiesOf(user, 'User').includes('email'))
  assert.ok(!propertiesOf(user, 'UserPatch').includes('role'))
  assert.ok(!operationsOf(user).includes('delete /api/users/{id}'))
  assert.ok(propertiesOf(documentOf(model, signedIn('admin')), 'UserPatch').includes('role'))
})

test('no document names a field that no caller can read or write, and only the document of all callers shows rules', () => {
  const model = modelFrom(wide)
  const document = documentOf(model)
  assert.ok(!propertiesOf(document, 'Thing').includes('secret'))
  assert.ok(propertiesOf(document, 'ThingPatch').includes('secret'))
  assert.ok(!propertiesOf(document, 'ThingPatch').includes('never'))
  const all = JSON.stringify(documentOf(modelFrom(blog)))
  const anonymous = JSON.stringify(documentOf(modelFrom(blog), ANONYMOUS))
  assert.match(all, /published \|\| author\.id == auth\.id \|\| staff/)
  for (const hidden of ['auth.id', 'staff', 'filter[email]', 'FilterEmail']) assert.ok(!anonymous.includes(hidden), hidden)
})

test('signing in is required exactly where no anonymous caller can succeed', () => {
  const { paths } = documentOf(modelFrom(blog))
  const security = (path: string, method: string): string => JSON.stringify(paths[path]?.[method]?.security)
  const either = '[{},{"bearer":[]}]'
  const bearer = '[{"bearer":[]}]'
  assert.equal(security('/api/posts', 'get'), either)
  assert.equal(security('/api/posts', 'post'), bearer)
  assert.equal(security('/api/posts/{id}', 'delete'), bearer)
  assert.equal(security('/api/users', 'post'), either)
  assert.equal(security('/api/auth/me', 'get'), bearer)
  assert.equal(security('/api/auth/login', 'post'), '[]')
})

test('a design without an identity has no security scheme and only what every caller can do', () => {
  const { identity: _, fields, ...user } = { ...wide.entities.Country, identity: null }
  const document = documentOf(modelFrom({ name: 'open', entities: { Country: { ...user, fields } } }))
  assert.equal(document.components.securitySchemes, undefined)
  assert.ok(!operationsOf(document).some((o) => o.includes('auth')))
  assert.equal(JSON.stringify(document.paths['/api/countries']?.get?.security), '[]')
})

test('exactly the operators of the server are documented', () => {
  const schemas = documentOf(modelFrom(wide)).components.schemas ?? {}
  const names = Object.keys(schemas).filter((name) => name.endsWith('Conditions'))
  const operators = new Set(names.flatMap((name) => Object.keys((schemas[name] as { properties: object }).properties)))
  assert.deepEqual([...operators].toSorted(), [...FILTER_OPS].toSorted())
})

test('operation ids are unique, references resolve, and equal models give equal documents', () => {
  for (const design of [blog, wide]) {
    const document = documentOf(modelFrom(design))
    const text = JSON.stringify(document)
    assert.equal(text, JSON.stringify(documentOf(modelFrom(design))))
    const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map((m) => m[1])
    assert.equal(new Set(ids).size, ids.length)
    for (const [, section = '', name = ''] of text.matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)) {
      assert.ok(document.components[section]?.[name] !== undefined, `${section}/${name}`)
    }
  }
})

test('an included row that may have been deleted softly may be null', () => {
  const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const schemaOf = (softDelete: boolean): string => {
    const Seller = { softDelete, access, fields: { name: { type: 'text' } } }
    const Lot = { access, fields: { seller: { type: 'ref', entity: 'Seller' } } }
    const { components } = documentOf(modelFrom({ name: 'auction', entities: { Seller, Lot } }))
    const lot = components.schemas?.Lot as { readonly properties: { readonly seller: unknown } } | undefined
    return JSON.stringify(lot?.properties.seller)
  }
  assert.match(schemaOf(true), /"null"/)
  assert.doesNotMatch(schemaOf(false), /"null"/)
})

test('a hundred entities are described in well under a second', () => {
  const fields = { ...wide.entities.Thing.fields, owner: { type: 'text' }, parent: { type: 'text' }, own: { type: 'text' } }
  const entity = { fields, access: { read: 'true', create: 'true', update: 'true', delete: 'true' } }
  const entities = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`Entity${i}`, entity]))
  const model = modelFrom({ name: 'large', entities })
  const took = processorTime()
  const document = documentOf(model)
  assert.equal(operationsOf(document).length, 1104)
  assert.ok(took() < 2_000)
})

test('the answers about files have the headers that the document names', () => {
  const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }
  const { paths } = documentOf(
    modelFrom({ name: 'x', entities: { Post: { access, fields: { photo: { type: 'file', optional: true } } } } }),
  )
  const headersOf = (path: string, method: string, status: number): readonly string[] => {
    const operation = paths[path]?.[method] as { readonly responses: Readonly<Record<number, { readonly headers?: object }>> }
    return Object.keys(operation.responses[status]?.headers ?? {})
  }
  for (const status of [200, 206, 304]) assert.deepEqual(headersOf('/api/posts/{id}/photo', 'get', status), ['ETag'])
  assert.deepEqual(headersOf('/api/posts/{id}/photo', 'put', 200), ['ETag'])
  assert.deepEqual(headersOf('/api/posts/photo/uploads', 'post', 201), ['Location'])
})

test('a create may be answered 404: its repetition does not have a row that is gone', () => {
  const access = { read: 'true', create: 'true' }
  const { paths } = documentOf(modelFrom({ name: 'x', entities: { Post: { access, fields: { title: { type: 'text' } } } } }))
  for (const path of ['/api/posts', '/api/posts/bulk']) {
    const create = paths[path]?.post as { readonly responses: object } | undefined
    assert.ok('404' in (create?.responses ?? {}), path)
  }
})

test('a create that nobody may make is not documented, also where the server sets a field', () => {
  const model = modelFrom({
    name: 'shop',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      },
      Order: {
        fields: { customer: { type: 'ref', entity: 'User', set: 'auth.id' } },
        access: { read: 'customer == auth.id', create: 'false', update: 'false', delete: 'false' },
      },
    },
  })
  assert.deepEqual(Object.keys(documentOf(model).paths['/api/orders'] ?? {}), ['get', 'head', 'options'])
})
