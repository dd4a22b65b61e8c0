/** Addresses of the design's own in a backend within another app. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fastify from 'fastify'
import { backend, backendPlugin, text } from 'plinth'
import { testDatabase } from '../support/database.ts'

const access = { read: 'true', create: 'true', update: 'true', delete: 'true' }

const design = backend({
  name: 'shop',
  serve: { rest: false, graphql: false },
  entities: {
    Product: {
      access,
      fields: { slug: text({ max: 40, unique: true }), name: text({ max: 80 }) },
      actions: {
        show: { allow: 'true', endpoint: 'GET /products/{slug}', answer: { name: 'row.name' } },
        label: { allow: 'true', endpoint: 'GET /labels/{slug}.json', answer: { label: 'row.name' } },
      },
    },
  },
  actions: {
    addProduct: {
      allow: 'true',
      endpoint: { at: 'POST /products', status: 201 },
      input: { slug: 'Product.slug', name: 'Product.name' },
      steps: [{ create: 'Product', set: 'input', as: 'product' }],
      answer: { slug: 'product.slug' },
    },
  },
  errors: { answer: { error: 'code' } },
})

test('a host app answers the addresses that a design gives its actions, and keeps its own', async (t) => {
  const { url: databaseUrl, drop } = await testDatabase()
  t.after(drop)
  const host = fastify()
  host.get('/products/featured', async () => ({ host: true }))
  host.get('/orders', async () => ({ orders: [] }))
  await host.register(backendPlugin, { design, databaseUrl, publicUrl: 'https://shop.example.com', migrate: 'apply' })
  const json = async (url: string, more = {}) => {
    const answer = await host.inject({ url, ...more })
    return [answer.statusCode, answer.json()]
  }
  assert.deepEqual(await json('/products', { method: 'POST', payload: { slug: 'tea', name: 'Tea' } }), [201, { slug: 'tea' }])
  assert.deepEqual(await json('/products/tea'), [200, { name: 'Tea' }])
  assert.deepEqual(await json('/labels/tea.json'), [200, { label: 'Tea' }])
  assert.deepEqual(await json('/products/coffee'), [404, { error: 'not_found' }])
  assert.deepEqual(await json('/products', { method: 'POST', payload: { slug: 'tea' } }), [400, { error: 'validation_failed' }])
  assert.deepEqual((await json('/products', { method: 'DELETE' }))[0], 405)
  assert.deepEqual(await json('/products/featured'), [200, { host: true }])
  assert.deepEqual(await json('/orders'), [200, { orders: [] }])
  assert.equal((await host.inject('/labels/tea')).json().message, 'Route GET:/labels/tea not found')
  assert.equal((await host.inject('/api/products')).json().message, 'Route GET:/api/products not found')

  const address = await host.listen({ port: 0, host: '127.0.0.1' })
  assert.deepEqual(await (await fetch(`${address}/products/tea`)).json(), { name: 'Tea' })
  assert.deepEqual(await (await fetch(`${address}/labels/tea.json`)).json(), { label: 'Tea' })
  await host.close()
})
