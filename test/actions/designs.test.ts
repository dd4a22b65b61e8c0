/** The designs with business logic: each resolves without an error, and the shop in TypeScript is the shop in YAML. */

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatDiagnostic } from '../../src/base/diagnostic.ts'
import { readDesign } from '../../src/design/read/read.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import type { Action } from '../../src/model/action.ts'
import { NEVER } from '../../src/model/expression.ts'
import type { Model } from '../../src/model/model.ts'

const FOLDER = join(import.meta.dirname, 'designs')

async function resolved(file: string): Promise<Model> {
  const read = await readDesign(join(FOLDER, file))
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  assert.deepEqual(errors.map(formatDiagnostic), [])
  assert.ok(model !== null)
  return model
}

// Without the folder that a running design makes.
for (const file of readdirSync(FOLDER).filter((name) => !name.startsWith('.')))
  test(`${file} resolves without an error`, async () => assert.ok((await resolved(file)).actions.length > 0))

const byName = (a: Action, b: Action): number => a.name.localeCompare(b.name)

test('the shop in TypeScript has the same actions and workflows as the shop in YAML', async () => {
  const [yaml, ts] = [await resolved('shop.yaml'), await resolved('shop.ts')]
  assert.deepEqual(ts.actions.toSorted(byName), yaml.actions.toSorted(byName))
  assert.deepEqual(ts.workflows, yaml.workflows)
  assert.deepEqual(ts.entities, yaml.entities)
})

test('a called action is named, and its row is bound to the row of the call', async () => {
  const { actions } = await resolved('school.yaml')
  const leave = actions.find(({ name }) => name === 'leave')
  const [remove, call] = leave?.steps ?? []
  assert.equal(remove?.verb === 'delete' && remove.target.kind === 'row' ? remove.target.row.binding : '', 'row')
  assert.deepEqual(call?.verb === 'call' ? [call.action, call.on?.hops] : [], [
    { entity: 'Course', name: 'promote' },
    [{ field: 'course', entity: 'Course' }],
  ])
  assert.equal(leave?.answer.kind, 'none')
})

test('nobody writes the field of a workflow', async () => {
  const { entities } = await resolved('helpdesk.yaml')
  const status = entities.find(({ name }) => name === 'Ticket')?.fields.find(({ name }) => name === 'status')
  assert.deepEqual([status?.write, status?.default], [NEVER, { kind: 'value', value: 'new' }])
})

test('a transition has its states, and a step as system may give a field that the server sets', async () => {
  const { actions, workflows } = await resolved('helpdesk.yaml')
  const reply = actions.find(({ name }) => name === 'reply')
  assert.deepEqual(
    [reply?.transition?.from, reply?.transition?.to, reply?.address.path],
    [['new', 'open', 'pending'], 'pending', '/api/tickets/{id}/reply'],
  )
  assert.deepEqual(workflows, [
    { name: 'ticket', entity: 'Ticket', field: 'status', initial: 'new', transitions: ['reply', 'respond', 'solve', 'close'] },
  ])
  assert.deepEqual(reply?.steps[1]?.verb === 'update' ? reply.steps[1].set.map(({ field, value }) => [field, value.kind]) : [], [
    ['dueAt', 'null'],
    ['handler', 'auth'],
  ])
})
