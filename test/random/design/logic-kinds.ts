/** The kinds of steps and options that a design with actions has, so that a test notices when the generator stops making one. */

import { writtenActions } from '../../../src/verify/fold/written-actions.ts'
import type { WrittenAction, WrittenAnswer, WrittenInput, WrittenStep } from '../../../src/verify/fold/written-logic.ts'
import type { AuthoredDesign } from './authored.ts'

/** All kinds that random designs have. */
export const KINDS: readonly string[] = [
  ...[
    'as system',
    'as caller',
    'allow of a row',
    'without answer',
    'transition',
    'guard',
    'check over relations',
    'tally',
    'tally as system',
  ],
  ...[
    'input Entity.field',
    'input type',
    'input ?',
    'input default',
    'input list',
    'input ref',
    'ref by',
    'ref where',
    'ref optional',
    'ref by token',
  ],
  ...['find', 'find where', 'find sort', 'find optional', 'find else', 'find when', 'find of a relation'],
  ...['list', 'list where', 'list sort', 'list limit', 'list offset', 'list when', 'list of a relation', 'list distinct', 'where list'],
  ...['require', 'require else', 'require each', 'require when'],
  ...['create', 'create set', 'create each', 'create when', 'create as', 'ensure', 'ensure existing', 'ensure each', 'ensure as'],
  ...['update', 'update where', 'update each', 'update when', 'update as', 'update of an entity', 'update of a relation', 'set input'],
  ...[
    'delete',
    'delete where',
    'delete each',
    'delete when',
    'call',
    'call on',
    'call input',
    'call of a transition',
    'call each',
    'call when',
  ],
  ...[
    'answer row',
    'answer shape',
    'answer map',
    'shape with',
    'answer each',
    'answer key',
    'answer constant',
    'answer token',
    'signIn with a password',
    'signIn of a new account',
    'total',
    'size',
    'sum',
    'min',
    'max',
    'filter',
    'exists',
    'all',
  ],
]

/** All that happens in the calls of a long run, besides the kinds of steps. */
export const EVENTS: readonly string[] = [
  ...['beforeCreate', 'afterCreate', 'beforeUpdate', 'afterUpdate', 'beforeDelete', 'afterDelete'].map((moment) => `hook ${moment}`),
  ...['hook as caller', 'hook as system', 'hook beforeCreate sets a value', 'hook beforeUpdate sets a value'],
  ...['hook returns a value unchanged', 'hook sets a value that the field does not take', 'hook of a write of a hook'],
  ...['hooks of create', 'hooks of update', 'hooks of delete', 'hooks of a transition'],
  ...['hooks of ensure, a new row', 'hooks of ensure, a row that is there'],
  ...[
    'code makes a row as caller',
    'code makes a row as system',
    'code changes another row',
    'code reads as caller',
    'code reads as system',
  ],
  ...['code may not read', 'code refuses a value', 'code refuses a number of rows'],
  ...['right password', 'wrong password', 'no such account', 'closed account', 'weak password'],
  ...['answer shows the token of a session', 'answer shows the token of the request'],
  ...['new token', 'answer shows a token', 'new number', 'new number within'],
  ...['set field on create', 'set field on write', 'set field given by a step as system'],
]

const VERBS = ['find', 'list', 'require', 'create', 'ensure', 'update', 'delete', 'call'] as const
const WORDS = ['size', 'sum', 'min', 'max', 'filter', 'exists', 'all'] as const

/** The kinds of one design. */
export function kindsIn(design: AuthoredDesign): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { design: action } of writtenActions(design)) for (const kind of kindsOfAction(design, action)) found.add(kind)
  for (const { checks = {}, fields } of Object.values(design.entities)) {
    if (checks.few !== undefined) found.add('check over relations')
    if (fields.tally !== undefined) found.add(fields.tally.as === 'system' ? 'tally as system' : 'tally')
  }
  return found
}

/** The kinds of one action of a design. */
export function kindsOfAction(design: AuthoredDesign, wanted: WrittenAction): ReadonlySet<string> {
  const found = new Set<string>()
  const transitions = Object.values(design.workflows ?? {}).flatMap(({ entity, transitions: own }) =>
    Object.keys(own).map((name) => `${entity}.${name}`),
  )
  for (const { design: action, transition, entity } of writtenActions(design).filter((one) => one.design === wanted)) {
    found.add(`as ${action.as ?? 'caller'}`)
    if (entity !== null && !['true', 'auth.id != null', 'staff', 'adult'].includes(action.allow ?? '')) found.add('allow of a row')
    if (action.answer === undefined) found.add('without answer')
    else for (const kind of kindsOfAnswer(action.answer, design.shapes)) found.add(kind)
    if (transition !== null) found.add('transition')
    if (transition?.guard !== undefined) found.add('guard')
    for (const input of Object.values(action.input ?? {})) for (const kind of kindsOfInput(input)) found.add(kind)
    for (const step of action.steps ?? []) for (const kind of kindsOfStep(step, transitions)) found.add(kind)
    const text = JSON.stringify(action)
    for (const word of WORDS) if (text.includes(`${word}(`)) found.add(word)
    if (text.includes('.total')) found.add('total')
  }
  return found
}

function kindsOfInput(input: WrittenInput): readonly string[] {
  if (typeof input === 'string')
    return [input.includes('.') ? 'input Entity.field' : 'input type', ...(input.endsWith('?') ? ['input ?'] : [])]
  if ('ref' in input)
    return [
      'input ref',
      ...['by', 'where', 'optional'].flatMap((key) => (key in input ? [`ref ${key}`] : [])),
      ...(input.by === 'link' ? ['ref by token'] : []),
    ]
  return [input.type === 'list' ? 'input list' : 'input default']
}

function kindsOfStep(step: WrittenStep, transitions: readonly string[]): readonly string[] {
  if ('signIn' in step) return [typeof step.signIn === 'string' ? 'signIn of a new account' : 'signIn with a password']
  const verb = VERBS.find((one) => one in step) ?? 'call'
  const own = Object.keys(step).flatMap((key) => (key === verb ? [verb] : [`${verb} ${key}`]))
  const source = String((step as unknown as Readonly<Record<string, unknown>>)[verb])
  const isEntity = /^[A-Z]\w*$/.test(source)
  return [
    ...own,
    ...('where' in step && typeof step.where === 'object' ? ['where list'] : []),
    ...('set' in step && step.set === 'input' ? ['set input'] : []),
    ...(verb === 'call' && transitions.includes(source) ? ['call of a transition'] : []),
    ...(verb === 'update' && isEntity ? ['update of an entity'] : []),
    ...(['find', 'list', 'update'].includes(verb) && !isEntity && source.includes('.') ? [`${verb} of a relation`] : []),
  ]
}

function kindsOfAnswer(tree: WrittenAnswer, shapes: AuthoredDesign['shapes'] = {}): readonly string[] {
  if (tree === 'auth.token') return ['answer token']
  if (typeof tree === 'string') {
    const [, name = ''] = /\b([A-Z]\w*)\(/.exec(tree) ?? []
    const shape = shapes[name]
    if (shape === undefined) return name === '' ? [] : ['answer row']
    return [...(tree.startsWith(name) ? ['answer shape'] : ['answer map']), ...(shape.with === undefined ? [] : ['shape with'])]
  }
  if (tree === null || typeof tree !== 'object') return ['answer constant']
  const inner = Object.values(tree).flatMap((part) => kindsOfAnswer(part, shapes))
  return [...inner, ...('each' in tree ? ['answer each'] : []), ...('key' in tree ? ['answer key'] : [])]
}
