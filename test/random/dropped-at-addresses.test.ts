/**
 * The rules of rows and fields hold at the addresses that a design gives its actions. Each rule is dropped in turn from what the server
 * serves; each action that the rule guards must then give an answer that the reference does not expect.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { actionLabelled } from '../../src/verify/fold/written-actions.ts'
import { randomFrom } from '../support/random.ts'
import type { AuthoredDesign } from './design/authored.ts'
import { FIXED, MUTATIONS } from './design/dropped-rules.ts'
import { randomRows } from './design/random-rows.ts'
import { type ActionTrial, openActionTrial } from './reference/actions/action-run.ts'
import { Mismatch } from './reference/reference-run.ts'
import type { InputPlace, OwnAddress } from './request/own-address.ts'
import { randomCall } from './request/random-call.ts'

/** Always the same calls unless `SEED` says otherwise, so that the test does not fail by chance. */
const SEED = Number(process.env.SEED ?? 1)

const PROJECT = { title: 'title', body: 'body', rank: 'rank', kind: 'kind', tags: 'tags', owner: 'owner', lead: 'lead' }
const SENT = { title: 'Project.title?', rank: 'Project.rank?', kind: 'Project.kind?', tags: 'Project.tags?', owner: 'Project.owner?' }

function membersOf(row: string) {
  return Object.fromEntries(Object.entries(PROJECT).map(([name, field]) => [name, `${row}.${field}`]))
}

const { User, Org, Project, Task } = FIXED.entities

/** The fixed design, with actions as caller at addresses of their own. */
const DESIGN = {
  ...FIXED,
  entities: {
    ...{ User, Org },
    Project: {
      ...Project,
      fields: { ...Project?.fields, code: { type: 'text', optional: true, unique: true } },
      actions: {
        show: { allow: 'true', endpoint: 'GET /projects/{code}', answer: { data: 'Project(row)', members: membersOf('row') } },
        change: {
          allow: 'true',
          endpoint: { at: 'PATCH /projects/{code}', body: 'project' },
          input: SENT,
          steps: [{ update: 'row', set: 'input' }],
        },
        remove: { allow: 'true', endpoint: 'DELETE /projects/{code}', steps: [{ delete: 'row' }] },
      },
    },
    Task,
  },
  actions: {
    list: {
      allow: 'true',
      endpoint: 'GET /projects',
      input: { limit: { type: 'integer', min: 1, max: 100, default: 50 } },
      steps: [{ list: 'Project', limit: 'input.limit', as: 'found' }],
      answer: { rows: { each: 'f in found', is: membersOf('f') }, total: 'found.total' },
    },
    search: {
      allow: 'true',
      endpoint: 'GET /searches',
      input: { body: 'Project.body', lead: 'User.name' },
      steps: [{ list: 'Project', where: 'body == input.body || lead.name == input.lead', limit: 50, as: 'found' }],
      answer: { rows: { each: 'f in found', is: 'f.title' }, total: 'found.total' },
    },
    make: {
      allow: 'true',
      endpoint: { at: 'POST /projects', status: 201, body: 'project' },
      input: { ...SENT, title: 'Project.title', kind: 'Project.kind', owner: 'Project.owner' },
      steps: [{ create: 'Project', set: 'input', as: 'made' }],
      answer: { id: 'made.id', data: 'Project(made)' },
    },
    peek: {
      allow: 'true',
      endpoint: 'GET /peeks/{project}',
      input: { project: { ref: 'Project' } },
      answer: { title: 'input.project.title', body: 'input.project.body', lead: 'input.project.lead.name' },
    },
    plan: {
      allow: 'true',
      endpoint: 'POST /tasks',
      input: { project: { ref: 'Project', in: 'query' }, title: 'Task.title' },
      steps: [{ create: 'Task', set: 'input', as: 'task' }],
      answer: { id: 'task.id' },
    },
  },
} as unknown as AuthoredDesign

const PLAIN = { accepts: 'json', status: null, isOfContract: false, needs: 'nothing', ignoresOthers: false, answersNothing: false } as const

function addressed(at: string, places: Readonly<Record<string, InputPlace['in']>>, more: Partial<OwnAddress> = {}): OwnAddress {
  const [method = '', path = ''] = at.split(' ')
  const inputs = new Map(Object.entries(places).map(([name, place]) => [name, { in: place, name }] as const))
  return { ...PLAIN, method: method as OwnAddress['method'], path, row: null, inputs, body: null, ...more }
}

const inBody = Object.fromEntries(Object.keys(SENT).map((name) => [name, 'body' as const]))
const byCode = { row: { parameter: 'code', by: 'code' } }

/** The same addresses, as the design has them. */
const ADDRESSES: ReadonlyMap<string, OwnAddress> = new Map([
  ['Project.show', addressed('GET /projects/{code}', {}, byCode)],
  ['Project.change', addressed('PATCH /projects/{code}', inBody, { ...byCode, body: 'project' })],
  ['Project.remove', addressed('DELETE /projects/{code}', {}, byCode)],
  ['list', addressed('GET /projects', { limit: 'query' })],
  ['search', addressed('GET /searches', { body: 'query', lead: 'query' })],
  ['make', addressed('POST /projects', inBody, { status: 201, body: 'project' })],
  ['peek', addressed('GET /peeks/{project}', { project: 'path' })],
  ['plan', addressed('POST /tasks', { project: 'query', title: 'body' })],
])

/** The actions that each rule guards. */
const GUARDED: Readonly<Record<string, readonly string[]>> = {
  'Project.read': ['Project.show', 'Project.change', 'Project.remove', 'list', 'peek', 'plan'],
  'Project.create': ['make'],
  'Project.update.from': ['Project.change'],
  'Project.update.to': ['Project.change'],
  'Project.delete': ['Project.remove'],
  'Project.body.read': ['Project.show', 'list', 'search', 'peek'],
  'Project.lead.read': ['Project.show', 'list', 'search', 'peek'],
  'Project.rank.write': ['Project.change', 'make'],
}

/** The most calls until an answer must show the dropped rule, and the calls with all rules in place. */
const NOTICED_WITHIN = 500
const UNDISTURBED = 12

test(`dropping any rule changes an answer at each address that the rule guards (SEED=${SEED})`, async (t) => {
  const { model } = resolveDesign(DESIGN, NO_SOURCE)
  assert.ok(model !== null)
  const options = { design: DESIGN, addresses: ADDRESSES, model, rows: randomRows(randomFrom(1), model, 30) }
  await t.test('with all rules in place no answer differs', async (inner) => {
    const trial = await openActionTrial(inner, { ...options, random: randomFrom(SEED), served: model })
    for (const label of ADDRESSES.keys()) assert.equal((await noticed(trial, label, UNDISTURBED))?.message, undefined, label)
  })
  for (const { rule, drop } of MUTATIONS) {
    await t.test(rule, async (inner) => {
      const trial = await openActionTrial(inner, { ...options, random: randomFrom(SEED), served: drop(model) })
      const open: string[] = []
      for (const label of GUARDED[rule] ?? []) if ((await noticed(trial, label, NOTICED_WITHIN)) === null) open.push(label)
      assert.deepEqual(open, [], `${rule} was dropped without notice`)
    })
  }
  assert.deepEqual(
    Object.keys(GUARDED),
    MUTATIONS.map(({ rule }) => rule),
  )
})

/** Calls an action at its address until an answer differs from what the reference expects; null for none. */
async function noticed(trial: ActionTrial, label: string, within: number): Promise<Mismatch | null> {
  const { reference, random, users } = trial
  await trial.replant()
  const kept = new Set(users.filter((user) => user !== null))
  const action = actionLabelled(reference, label)
  const called = { reads: action.design.steps?.every((step) => 'list' in step) ?? true, address: ADDRESSES.get(label) ?? null }
  for (let i = 0; i < within; i++) {
    const user = random.pick(users)
    try {
      await trial.judge(user, randomCall({ random, reference, sight: reference.sightOf(user), kept }, action, called), 'rest')
    } catch (error) {
      if (error instanceof Mismatch) return error
      throw error
    }
  }
  return null
}
