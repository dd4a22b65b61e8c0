import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildSchema, introspectionFromSchema } from 'graphql'
import { graphqlConformance } from './graphql-conformance.ts'

const { fields, check } = graphqlConformance(
  introspectionFromSchema(
    buildSchema(`
      scalar Decimal
      enum Role { user admin }
      type User { name: String! role: Role price: Decimal posts: [Post!]! }
      type Post { title: String! }
      type Query { user(id: ID): User users: [User!]! }
      type Mutation { createUser(name: String!): User }
    `),
  ),
)

const QUERY = '{ user(id: "1") { name role price posts { title } } }'
const USER = { name: 'Ann', role: 'admin', price: '2.50', posts: [{ title: 'One' }] }

/** The problem of an answer to the query. */
function problemOf(json: unknown, status = 200): string | null {
  return check({ query: QUERY }, { status, headers: {}, text: JSON.stringify(json), json }).problem
}

test('the root fields of both operations are what there is to ask', () => {
  assert.deepEqual(fields, ['query user', 'query users', 'mutation createUser'])
})

test('an answer with the asked members in their types has no problem, and null where the schema allows it', () => {
  assert.equal(problemOf({ data: { user: USER } }), null)
  assert.equal(problemOf({ data: { user: null } }), null)
  assert.equal(problemOf({ errors: [{ message: 'no' }], data: null }), null)
})

test('each defect of an answer is named with its place', () => {
  const defects: readonly (readonly [unknown, RegExp])[] = [
    [{ data: { user: { ...USER, name: null } } }, /data\.user\.name is missing/],
    [{ data: { user: { ...USER, secret: 1 } } }, /data\.user\.secret was not asked/],
    [{ data: { user: { ...USER, role: 'owner' } } }, /no Role/],
    [{ data: { user: { ...USER, price: 2.5 } } }, /no Decimal/],
    [{ data: { user: { ...USER, posts: [null] } } }, /posts\.0 is missing/],
    [{ data: { user: { ...USER, posts: 'One' } } }, /posts is no list/],
    [{ data: {} }, /data\.user is missing/],
    [{ data: { user: USER }, debug: {} }, /member debug/],
    [{ errors: [{}] }, /no message/],
    [{}, /no data and no error/],
  ]
  for (const [json, says] of defects) assert.match(problemOf(json) ?? 'nothing', says)
  assert.match(problemOf({ errors: [{ message: 'broken' }] }, 500) ?? 'nothing', /status 500/)
})

test('members may come from fragments, be left out by directives, and be of the operation that is named', () => {
  const query = `query A { user(id: "1") { name } }
query B { user(id: "1") { ...known name @skip(if: true) ... on User { posts { ...post } posts { __typename } } } }
fragment known on User { role } fragment post on Post { title }`
  const problem = (user: unknown): string | null =>
    check({ query, operationName: 'B' }, { status: 200, headers: {}, text: '', json: { data: { user } } }).problem
  const posts = [{ title: 'One', __typename: 'Post' }]
  assert.equal(problem({ role: 'admin', posts }), null)
  assert.match(problem({ posts }) ?? '', /data\.user\.role is missing/)
  assert.match(problem({ role: 'admin', posts: [{ title: 'One' }] }) ?? '', /__typename is undefined, expected Post/)
  assert.match(problem({ role: 'admin', posts, price: '1' }) ?? '', /price was not asked/)
})
