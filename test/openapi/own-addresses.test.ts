/** Sample requests reach the actions at addresses of the design's own, and every answer is as the OpenAPI document describes it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/base/limits.ts'
import { openapi } from '../../src/compile/openapi/openapi.ts'
import type { Entity } from '../../src/model/model.ts'
import { conformanceOf } from '../../src/verify/contract/openapi-conformance.ts'
import { sampleRequests } from '../../src/verify/samples.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { plant } from '../support/insert-samples.ts'

const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const design = {
  name: 'shop',
  serve: { rest: false, graphql: false },
  entities: {
    Product: {
      access,
      fields: {
        id: { type: 'integer' },
        slug: { type: 'text', max: 40, unique: true },
        name: { type: 'text', max: 80 },
        price: { type: 'decimal', precision: 9, scale: 2 },
        tags: { type: 'list', of: { type: 'text', max: 20 }, default: [] },
      },
      actions: {
        show: { allow: 'true', endpoint: 'GET /products/{slug}', answer: 'Product(row)' },
        label: { allow: 'true', endpoint: 'GET /labels/{slug}-{size}.json', input: { size: 'integer' }, answer: { label: 'row.name' } },
        rename: {
          allow: 'true',
          endpoint: { at: 'PUT /products/{slug}/name', body: 'product' },
          input: { name: 'Product.name', note: { type: 'text', in: 'header', name: 'X-Note' } },
          steps: [{ update: 'row', set: { name: 'input.name' } }],
        },
        remove: { allow: 'true', endpoint: 'DELETE /products/by-id/{id}', steps: [{ delete: 'row' }] },
      },
    },
  },
  actions: {
    search: {
      allow: 'true',
      endpoint: 'GET /products',
      input: { tags: { type: 'list', of: { type: 'text' }, min: 1 }, below: { type: 'decimal', precision: 9, scale: 2, optional: true } },
      steps: [{ list: 'Product', where: 'input.tags.all(t, t in tags)', sort: ['id'], limit: 10, as: 'products' }],
      answer: { products: 'products.map(p, Product(p))' },
    },
    add: {
      allow: 'true',
      endpoint: { at: 'POST /products', status: 201 },
      input: { slug: 'Product.slug', name: 'Product.name', price: 'Product.price', like: { ref: 'Product', by: 'slug' } },
      steps: [{ create: 'Product', set: { slug: 'input.slug', name: 'input.name', price: 'input.price' }, as: 'product' }],
      answer: { id: 'product.id', like: 'input.like.id' },
    },
  },
}

test('a sample request of each action at an address of its own succeeds, and its answer is documented', async (t) => {
  const model = modelFrom(design)
  const backend = await testBackend(t, model)
  const { sql } = backend
  const garden = await plant(backend)
  const document = openapi(model, { reach: 'all', version: '1.0.0', limits: LIMITS })
  const check = conformanceOf(document, 'whole')
  const [entity] = model.entities as [Entity]
  const id = await garden.grow(entity)
  const [row] = await sql('select slug from products where id = $1::bigint', [id])
  const given = { n: 500, idOf: () => id, uniqueOf: () => String(row?.slug), credentials: {}, refreshToken: '' }
  const requests = sampleRequests(model, document, given).filter(({ path }) => path.startsWith('/products') || path.startsWith('/labels'))
  assert.deepEqual(requests.map(({ method, path }) => `${method} ${path}`).toSorted(), [
    'DELETE /products/by-id/{id}',
    'GET /labels/{slug}-{size}.json',
    'GET /products',
    'GET /products/{slug}',
    'POST /products',
    'PUT /products/{slug}/name',
  ])
  for (const request of requests.toSorted((a) => (a.method === 'DELETE' ? 1 : -1))) {
    const answered = await backend.ask(request.method, request.url, { body: request.body, headers: request.headers })
    assert.equal(check(request, answered), null, `${request.method} ${request.url}: ${answered.text}`)
    assert.ok(answered.status < 300, `${request.method} ${request.url}: ${answered.text}`)
    const unknown = `${request.url}${request.url.includes('?') ? '&' : '?'}unknown=1`
    const refused = await backend.ask(request.method, unknown, { body: request.body, headers: request.headers })
    assert.equal(check(request, refused), null, refused.text)
    assert.equal(refused.status, 400)
  }
})
