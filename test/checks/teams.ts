/** A design whose checks look at relations, and a backend of it, for tests of writes that are no actions. */

import type { TestContext } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { modelFrom, type TestBackend, testBackend } from '../support/backend.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }

interface Replacing {
  readonly db: {
    readonly system: Readonly<
      Record<
        string,
        {
          list: (of: object) => Promise<{ id: string }[]>
          delete: (id: string) => Promise<unknown>
          create: (row: object) => Promise<unknown>
        }
      >
    >
  }
  readonly row: { readonly id: string }
  readonly input: { readonly person: { readonly id: string }; readonly leave: boolean }
}

/** Deletes the members of a team, and unless `leave` makes another. */
async function replaceMembers({ db, row, input }: Replacing) {
  const { Member } = db.system
  for (const { id } of (await Member?.list({ filter: { team: row.id } })) ?? []) await Member?.delete(id)
  if (!input.leave) await Member?.create({ team: row.id, person: input.person.id })
}

const TEAMS = {
  name: 'teams',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', takenLogin: 'conflict' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        name: { type: 'text', max: 20 },
      },
      checks: { quota: { rule: 'size(notes) <= 2 && (name != "nobody" || size(notes) > 0)', message: 'has too many notes' } },
      access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'id == auth.id' },
    },
    Note: {
      fields: {
        text: { type: 'text', max: 20 },
        author: { type: 'ref', entity: 'User', set: 'auth.id', inverse: 'notes', onDelete: 'cascade' },
      },
      access: { read: 'true', create: 'auth.id != null', update: 'author == auth.id', delete: 'author == auth.id' },
    },
    Club: { fields: { name: { type: 'text', max: 20 } }, access: OPEN },
    Person: {
      fields: {
        name: { type: 'text', max: 20 },
        club: { type: 'ref', entity: 'Club', inverse: 'people', optional: true, onDelete: 'cascade' },
      },
      access: OPEN,
    },
    Team: {
      fields: {
        name: { type: 'text', max: 20, unique: true },
        most: { type: 'integer', default: 2 },
        motto: { type: 'text', max: 20, default: '' },
        patron: { type: 'ref', entity: 'Person', inverse: 'patronages', optional: true, onDelete: 'setNull' },
      },
      checks: {
        some: { rule: 'size(members) > 0 || patron != null', message: 'a team has a member or a patron' },
        most: { rule: 'size(members.filter(m, m.active)) <= most', message: 'the team is full' },
      },
      access: OPEN,
      actions: {
        replace: {
          as: 'system',
          allow: 'true',
          input: { person: { ref: 'Person' }, leave: { type: 'boolean', default: false } },
          run: replaceMembers,
        },
        join: {
          as: 'system',
          allow: 'true',
          input: { person: { ref: 'Person' } },
          steps: [{ create: 'Member', set: { team: 'row', person: 'input.person' } }],
        },
      },
    },
    Member: {
      fields: {
        team: { type: 'ref', entity: 'Team', inverse: 'members', onDelete: 'cascade' },
        person: { type: 'ref', entity: 'Person', inverse: 'memberships', onDelete: 'cascade' },
        active: { type: 'boolean', default: true },
        shirt: { type: 'integer', default: 0 },
      },
      access: { ...OPEN, delete: 'shirt != 99' },
    },
    Folder: {
      fields: {
        id: { type: 'integer' },
        name: { type: 'text', max: 20 },
        parent: { type: 'ref', entity: 'Folder', inverse: 'folders', optional: true, onDelete: 'cascade' },
      },
      checks: { few: { rule: 'size(folders) <= 2', message: 'a folder has at most two folders' } },
      softDelete: true,
      access: OPEN,
    },
  },
  actions: {
    forget: { as: 'system', allow: 'true', input: { person: { ref: 'Person' } }, steps: [{ delete: 'input.person' }] },
    strike: {
      as: 'system',
      allow: 'true',
      input: { person: { ref: 'Person' } },
      steps: [{ delete: 'Member', where: 'person == input.person' }],
    },
  },
}

/** The answer of a write in one word: `done`, the message of the broken check, or the whole problem. */
export type Outcome = string

export interface TeamsWorld {
  readonly world: TestBackend
  /** Ten persons. */
  readonly people: readonly string[]
  /** Two teams with one member each. */
  readonly teams: readonly string[]
  readonly members: readonly string[]
  readonly act: (method: string, path: string, body?: unknown, token?: string) => Promise<Outcome>
  /** The first error of a GraphQL document, in one word. */
  readonly mutate: (query: string, token?: string) => Promise<Outcome>
  /** The number of members of each team, by the name of the team. */
  readonly sizes: () => Promise<readonly unknown[]>
}

/** Opens the backend with two teams, `one` and `two`, of which each takes two active members. */
export async function openTeams(t: TestContext): Promise<TeamsWorld> {
  const world = await testBackend(t, modelFrom(TEAMS))
  const people = await insertRows(
    world,
    'persons',
    Array.from({ length: 10 }, (_, i) => ({ name: `person ${i}` })),
  )
  const teams = await insertRows(world, 'teams', [{ name: 'one' }, { name: 'two' }])
  const members = await insertRows(
    world,
    'members',
    teams.map((team, i) => ({ team_id: team, person_id: people[i], active: true, shirt: 0 })),
  )
  return {
    world,
    people,
    teams,
    members,
    act: (method, path, body, token) => outcomeOf(world, { method, path, body, token }),
    async mutate(query, token) {
      const { json } = await world.ask('POST', '/graphql', { token, body: { query } })
      const [error] = json.errors ?? []
      if (error === undefined) return 'done'
      return error.extensions?.code === 'check_failed' ? error.message : JSON.stringify(json.errors)
    },
    async sizes() {
      const rows = await world.sql('select (select count(*) from members m where m.team_id = t.id)::int as n from teams t order by name')
      return rows.map(({ n }) => n)
    },
  }
}

/** Sends a write and gives its outcome. */
export async function outcomeOf(
  world: TestBackend,
  {
    method,
    path,
    body,
    token,
  }: { readonly method: string; readonly path: string; readonly body?: unknown; readonly token?: string | undefined },
): Promise<Outcome> {
  const { status, json, text } = await world.ask(method, `/api/${path}`, { token, body })
  return status < 300 ? 'done' : status === 409 && json.code === 'check_failed' ? json.detail : text
}
