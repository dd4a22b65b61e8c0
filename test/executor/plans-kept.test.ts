import assert from 'node:assert/strict'
import { test } from 'node:test'
import blog from '../../examples/blog/design.ts'
import { ANONYMOUS } from '../../src/model/caller.ts'
import { entityNamed } from '../../src/model/model.ts'
import { planIntent } from '../../src/server/plan/plan.ts'
import { openPlanContext } from '../../src/server/plan/plan-context.ts'
import { readIntent } from '../../src/server/rest/rest-intent.ts'
import { modelFrom } from '../support/backend.ts'

test('plans are cached, except plans of long filters, which could fill the memory', () => {
  const model = modelFrom(blog)
  const context = openPlanContext(model)
  const ask = (query: string) =>
    planIntent(
      context,
      ANONYMOUS,
      readIntent({ method: 'GET', entity: entityNamed(model, 'Post'), id: null, query, ifMatch: null, prefer: null, body: undefined }),
    )
  const usual = `filter[author]=${context.newId()}&sort=-createdAt&include=author&count=true`
  assert.equal(ask(usual).statement, ask(usual).statement)
  const long = `filter[author]=${context.newId()}${`&filter=${encodeURIComponent('author.posts.exists(p, p.title == "a")')}`.repeat(99)}`
  assert.notEqual(ask(long).statement, ask(long).statement)
  assert.equal(context.statements.size, 1)
})
