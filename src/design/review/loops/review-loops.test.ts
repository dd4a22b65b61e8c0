import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../findings/source.ts'
import { resolveDesign } from '../../resolve/resolve.ts'

const OPEN = { read: 'true', create: 'true', update: 'true', delete: 'true' }
const FIELDS = {
  title: { type: 'text' },
  words: { type: 'integer', default: 0 },
  state: { type: 'choice', values: ['open', 'placed', 'sent'], default: 'open' },
  done: { type: 'boolean', default: false },
  closedAt: { type: 'timestamp', optional: true },
  double: { type: 'computed', expression: 'words * 2' },
}

/** The findings about loops of a design whose entity has this action, called after each update under the condition. */
function found(when: string | undefined, set: object, parts: { readonly entity?: object; readonly step?: object } = {}): readonly string[] {
  return loops({
    on: { 'Note.updated': [{ call: 'Note.touch', as: 'system', ...(when === undefined ? {} : { when }) }] },
    entities: {
      Note: { fields: FIELDS, access: OPEN, actions: { touch: { steps: [{ update: 'row', set, ...parts.step }] } }, ...parts.entity },
    },
  })
}

function loops(design: object): readonly string[] {
  const { diagnostics } = resolveDesign({ name: 'loops', ...design }, NO_SOURCE)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  assert.deepEqual(errors, [])
  return diagnostics.filter(({ code }) => code === 'PLN-D577' || code === 'PLN-D578').map(({ code, message }) => `${code} ${message}`)
}

const ENDLESS = [
  'PLN-D577 it causes itself again, and no condition ends it: Note.updated → Note call Note.touch → Note.updated → Note call Note.touch',
]
const PERHAPS = ['PLN-D578 it may cause itself again: Note.updated → Note call Note.touch → Note.updated → Note call Note.touch']

test('a reaction that updates the row to whose update it reacts is a loop', () => {
  assert.deepEqual(found(undefined, { words: 'words + 1' }), ENDLESS)
  assert.deepEqual(found(undefined, { words: 'words + 1' }, { step: { when: 'row.done' } }), PERHAPS)
})

test('a condition that the written fields cannot fulfil ends a loop', () => {
  for (const when of [
    'title != before.title',
    'before.title != row.title && !done',
    'state == "placed" && before.state == "open"',
    'state == "placed" && before.state != "placed"',
    'state != before.state && state == "sent"',
    'closedAt != null && before.closedAt == null',
    'done && !before.done',
    '!(title == before.title)',
  ])
    assert.deepEqual(found(when, { words: 'size(row.title)' }), [], when)
})

test('a condition that the written value refuses ends a loop', () => {
  assert.deepEqual(found('!done', { done: 'true' }), [])
  assert.deepEqual(found('state == "open"', { state: 'sent' }), [])
  assert.deepEqual(found('closedAt != null', { closedAt: 'null' }), [])
  assert.deepEqual(found('closedAt == null', { closedAt: 'null' }), PERHAPS)
})

test('a condition that may become false is a note', () => {
  for (const when of [
    'words < 10',
    'title != before.title || words > 1',
    'title == before.title',
    'words != before.words',
    'double != before.double',
  ])
    assert.deepEqual(found(when, { words: 'words + 1' }), PERHAPS, when)
  assert.deepEqual(found('title != before.title', { title: "row.title + 'x'" }), PERHAPS)
  assert.deepEqual(found('updatedAt != before.updatedAt', { words: '1' }), PERHAPS)
})

test('a hook before the update may set any field', () => {
  const hooks = { beforeUpdate: () => ({ title: 'other' }) }
  assert.deepEqual(found('title != before.title', { words: '1' }, { entity: { hooks } }), PERHAPS)
})

test('a loop over several entities and actions is reported once, with its way', () => {
  const design = {
    on: {
      'A.updated': [{ call: 'touchB', as: 'system' }],
      'B.updated': [{ call: 'through', as: 'system' }],
      'C.created': [{ call: 'touchB', as: 'system' }],
    },
    actions: {
      touchB: {
        as: 'system',
        steps: [
          { find: 'B', as: 'b' },
          { update: 'b', set: { n: 'n + 1' } },
        ],
      },
      through: { as: 'system', steps: [{ call: 'touchA' }] },
      touchA: {
        as: 'system',
        steps: [
          { find: 'A', as: 'a' },
          { update: 'a', set: { n: 'n + 1' } },
        ],
      },
    },
    entities: Object.fromEntries(['A', 'B', 'C'].map((name) => [name, { fields: { n: { type: 'integer' } }, access: OPEN }])),
  }
  assert.deepEqual(loops(design), [
    'PLN-D577 it causes itself again, and no condition ends it: A.updated → A call touchB → B.updated → B call through → A.updated → A call touchB',
  ])
})

test('cascades, events of actions, emit and jobs are followed', () => {
  const entities = {
    Box: {
      fields: { n: { type: 'integer', default: 0 } },
      access: OPEN,
      actions: { open: { steps: [{ update: 'row', set: { n: 'n + 1' } }, { emit: 'Box.opened' }] } },
    },
    Part: { fields: { box: { type: 'ref', entity: 'Box', optional: true, onDelete: 'setNull' } }, access: OPEN },
  }
  assert.deepEqual(
    loops({ on: { 'Box.open': [{ call: 'Box.open', as: 'system' }], 'Box.opened': [{ run: () => {}, as: 'system' }] }, entities }),
    ['PLN-D577 it causes itself again, and no condition ends it: Box.open → Box call Box.open → Box.open → Box call Box.open'],
  )
  assert.deepEqual(loops({ on: { 'Box.opened': [{ call: 'Box.open', as: 'system' }] }, entities }), [
    'PLN-D577 it causes itself again, and no condition ends it: Box.opened → Box call Box.open → Box.opened → Box call Box.open',
  ])
  const clean = { as: 'system', steps: [{ delete: 'Box', where: 'n > 1' }] }
  assert.deepEqual(
    loops({
      on: { 'Part.updated': [{ call: 'clean', as: 'system' }], 'Box.opened': [{ run: () => {}, as: 'system' }] },
      actions: { clean },
      entities,
    }),
    ['PLN-D578 it may cause itself again: Part.updated → Part call clean → Part.updated → Part call clean'],
  )
})

test('a job that adds itself is a loop, and one that waits a minute or longer is a note', () => {
  const job = (step: object) =>
    loops({
      entities: { Box: { fields: { n: { type: 'integer' } }, access: OPEN } },
      jobs: { again: { as: 'system', steps: [{ enqueue: 'again', ...step }] } },
    })
  assert.deepEqual(job({}), ['PLN-D577 it causes itself again, and no condition ends it: job again → job again'])
  assert.deepEqual(job({ delay: '59s' }), ['PLN-D577 it causes itself again, and no condition ends it: job again → job again'])
  assert.deepEqual(job({ delay: '1m' }), ['PLN-D578 it may cause itself again: job again → job again'])
})

test('work that leads nowhere, and code, are no loops', () => {
  const design = {
    on: {
      'A.created': [{ call: 'make', as: 'system' }],
      'B.created': [{ run: () => {}, as: 'system' }],
      'B.updated': [{ call: 'code', as: 'system' }],
    },
    actions: { make: { as: 'system', steps: [{ create: 'B', set: { n: '1' } }] }, code: { as: 'system', run: () => {} } },
    entities: Object.fromEntries(['A', 'B'].map((name) => [name, { fields: { n: { type: 'integer' } }, access: OPEN }])),
  }
  assert.deepEqual(loops(design), [])
})
