/** Cases of values: each member of each body without a value, empty, null, of another type and too long; queries; taken names. */

import assert from 'node:assert/strict'
import { type Answer, invalid, refused } from './client.ts'
import { type BodySchema, CONTRACT, type Operation } from './contract.ts'
import { type Case, goodRequest, ok, PASSWORD, type World } from './world.ts'

/** What an implementation may do with a value. */
type Verdict = 'refused' | 'blank' | 'taken' | 'either'

interface Value {
  readonly title: string
  readonly value: unknown
  /** `refused`: 422 with the name. `blank`: 422 "can't be blank". `taken`: it is accepted. `either`: the contract leaves it open. */
  readonly verdict: Verdict
}

const LONG = 'a'.repeat(20_000)

/** Members that may not be empty texts where they are required, and where they are changed. */
const NEVER_EMPTY: ReadonlySet<string> = new Set(['username', 'email', 'password'])
const LENGTHS: readonly Value[] = [
  { title: 'of 7 characters', value: 'q7-Otte', verdict: 'refused' },
  { title: 'of 8 characters', value: 'q7-Otter', verdict: 'taken' },
  { title: 'of 64 characters', value: 'quiet-Otter-42-lamp-'.repeat(4).slice(0, 64), verdict: 'taken' },
  { title: 'of 65 characters', value: 'quiet-Otter-42-lamp-'.repeat(4).slice(0, 65), verdict: 'refused' },
]

/** The values of a member that are tried, from its schema and from what implementers agree on. */
function valuesOf({ id }: Operation, { properties, required }: BodySchema, name: string): readonly Value[] {
  const { type } = properties[name] ?? { type: [] }
  const types = typeof type === 'string' ? [type] : type
  const isRequired = required.includes(name)
  const other: Value = { title: 'of another type', value: 5, verdict: 'refused' }
  if (types.includes('array'))
    return [
      { title: 'null', value: null, verdict: 'refused' },
      { title: 'with an item of another type', value: ['a', 5], verdict: 'refused' },
      { title: 'empty', value: [], verdict: 'taken' },
      other,
    ]
  const nullable = types.includes('null')
  const empty = isRequired || NEVER_EMPTY.has(name) ? 'blank' : nullable ? 'taken' : 'either'
  return [
    ...(isRequired ? [{ title: 'left out', value: undefined, verdict: 'blank' as const }] : []),
    { title: 'empty', value: '', verdict: empty },
    { title: 'null', value: null, verdict: nullable ? 'taken' : 'refused' },
    { title: 'much too long', value: LONG, verdict: 'either' },
    other,
    ...(name === 'email' ? [{ title: 'that is no address', value: `nobody-${id}`, verdict: 'either' as const }] : []),
    ...(name === 'password' && id === 'UpdateCurrentUser' ? LENGTHS : []),
  ]
}

function memberCases(operation: Operation, body: BodySchema): readonly Case[] {
  return Object.keys(body.properties).map((name) => ({
    operation: operation.id,
    kind: 'invalid value',
    title: `judges values of ${name}`,
    async run(world) {
      const { ask } = world
      const by = operation.id === 'UpdateCurrentUser' ? await world.register('judged') : world.ada
      for (const { title, value, verdict } of valuesOf(operation, body, name)) {
        const asked = goodRequest(operation.id === 'UpdateArticle' ? { ...world, slug: await world.article(by) } : world, operation.id)
        const token = operation.isSecured ? by.token : null
        const answer = await ask(operation.id, { ...asked, token, inside: { ...(asked.inside as object), [name]: value } })
        judge(answer, { verdict, name, what: `${name} ${title}` })
      }
    },
  }))
}

function judge(answer: Answer, { verdict, name, what }: { verdict: Verdict; name: string; what: string }): void {
  const { status, body } = answer
  const said = `${what}: ${status} ${JSON.stringify(body)}`
  switch (verdict) {
    case 'taken':
      assert.ok(status < 300, said)
      return
    case 'either':
      // A value that no row has is a wrong password of a login.
      if (status >= 300 && status !== 401) invalid(answer, name)
      return
    case 'blank':
      refused(answer, { status: 422, name, message: "can't be blank" })
      return
    case 'refused':
      assert.equal(status, 422, said)
      invalid(answer, name)
  }
}

/** Bodies that are no bodies of the contract. Members that the schema does not name are allowed by it. */
function bodyCases(operation: Operation, { member, required }: BodySchema): readonly Case[] {
  const named = { operation: operation.id, kind: 'invalid value' } as const
  const bodies = ['{', '[]', '5', 'null', `{"${member}":null}`, `{"${member}":[]}`, `{"${member}":"x"}`]
  // A body in which nothing is sent may change nothing where nothing is required.
  const empty = required.length > 0 ? [422] : [422, 200]
  return [
    {
      ...named,
      title: 'is 422 for a body of another form',
      async run(world) {
        const { path } = goodRequest(world, operation.id)
        const asked = { token: operation.isSecured ? world.ada.token : null, ...(path === undefined ? {} : { path }) }
        for (const body of bodies) assert.equal((await world.ask(operation.id, { ...asked, body })).status, 422, body)
        assert.ok(empty.includes((await world.ask(operation.id, { ...asked, body: {} })).status))
      },
    },
    {
      ...named,
      title: 'ignores members that the contract does not name',
      async run(world) {
        const { inside, ...rest } = goodRequest(world, operation.id)
        const body = { [member]: { ...(inside as object), colour: 'red', id: 7 }, more: 1 }
        const { status } = await world.ask(operation.id, { ...rest, token: operation.isSecured ? world.ada.token : null, body })
        assert.ok(status < 300, String(status))
      },
    },
  ]
}

const QUERY_VALUES: Readonly<Record<string, readonly (string | number)[]>> = {
  limit: [0, -1, 'many', '1.5', ''],
  offset: [-1, 'far', '0x1', ''],
}

function queryCases(operation: Operation): readonly Case[] {
  return operation.queryNames
    .filter((name) => QUERY_VALUES[name] !== undefined)
    .map((name) => ({
      operation: operation.id,
      kind: 'invalid value',
      title: `is 422 for a ${name} that is no such number`,
      async run({ ask, ada }) {
        for (const value of QUERY_VALUES[name] ?? []) invalid(await ask(operation.id, { token: ada.token, query: { [name]: value } }), name)
      },
    }))
}

const TAKEN = 'has already been taken'

const TAKEN_CASES: readonly Case[] = (['username', 'email'] as const).flatMap((name) => [
  {
    operation: 'CreateUser',
    kind: 'taken name' as const,
    title: `is 409 for a ${name} that another user has`,
    async run({ ask, ada, fresh }: World) {
      const username = fresh('late')
      const inside = { username, email: `${username}@example.com`, password: PASSWORD, [name]: ada[name] }
      refused(await ask('CreateUser', { inside }), { status: 409, name, message: TAKEN })
    },
  },
  {
    operation: 'UpdateCurrentUser',
    kind: 'taken name' as const,
    title: `is 409 for the ${name} of another user, and 200 for one's own`,
    async run({ ask, ada, bob }: World) {
      const answer = await ask('UpdateCurrentUser', { token: bob.token, inside: { bio: 'Changed?', [name]: ada[name] } })
      refused(answer, { status: 409, name, message: TAKEN })
      const { user } = ok(await ask('UpdateCurrentUser', { token: bob.token, inside: { [name]: bob[name] } }))
      assert.deepEqual([user[name], user.bio], [bob[name], null])
    },
  },
])

/** The cases of all operations. */
export const VALUE_CASES: readonly Case[] = [
  ...[...CONTRACT.operations.values()].flatMap((operation) => [
    ...(operation.body === null ? [] : [...memberCases(operation, operation.body), ...bodyCases(operation, operation.body)]),
    ...queryCases(operation),
  ]),
  ...TAKEN_CASES,
]
