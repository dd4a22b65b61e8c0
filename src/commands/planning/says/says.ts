/** Reads back who may do what: a sentence for each rule of a design, made from the rule as it was understood and not from its text. */

import { isDeepStrictEqual } from 'node:util'
import type { Action } from '../../../model/action.ts'
import { actionLabel } from '../../../model/action-tree.ts'
import type { Operation, Predicate } from '../../../model/expression.ts'
import { type Entity, type Field, isMaintained, type Model } from '../../../model/model.ts'
import { requirementsAbout } from '../../../model/parts/requirement.ts'
import { isAlways, isNever } from '../../../model/predicate.ts'
import { plainText } from '../../terminal/layout.ts'
import { type Granted, grantedBy } from './callers.ts'

const DONE: Readonly<Record<Operation, string>> = { read: 'read', create: 'created', update: 'changed', delete: 'deleted' }
const OPERATIONS: readonly Operation[] = ['read', 'create', 'update', 'delete']

/** A rule that would become more sentences than this is quoted. */
const MAX_CASES = 8
/** The most characters of a rule that is quoted. */
const LONGEST = 200

/** A sentence, and what it is about. */
export interface Said {
  /** `Post`, or the name of an action of the design. */
  readonly about: string
  /** `read`, the name of a field, or of an action of the entity. */
  readonly part: string
  readonly says: string
  /** The requirements that ask for it. */
  readonly requirements: readonly string[]
}

/** The sentences of a design: each entity with its operations and its fields that have rules of their own, then the actions. */
export function saysOf(model: Model): readonly Said[] {
  const asking = requirementsAbout(model.requirements)
  return [
    ...model.entities.flatMap((entity) => {
      const at = ['entities', entity.name]
      return [
        ...OPERATIONS.map((operation) => ({
          about: entity.name,
          part: operation,
          says: operationSays(entity, operation, model),
          requirements: asking([...at, 'access', operation]),
        })),
        ...entity.fields.flatMap((field) => {
          const requirements = asking([...at, 'fields', field.name])
          return fieldSays(entity, field, model).map((says) => ({ about: entity.name, part: field.name, says, requirements }))
        }),
      ]
    }),
    ...model.actions.map((action) => {
      const [about = '', part = ''] = actionLabel(action).split('.')
      return { about, part, says: actionSays(action, model), requirements: asking(action.at) }
    }),
  ]
}

/** The sentence, with the ids of the requirements that ask for it: `A Visit may be read by its patient. [R4, R13]` */
export function saidText({ says, requirements }: Pick<Said, 'says' | 'requirements'>): string {
  return requirements.length === 0 ? says : `${says} [${requirements.join(', ')}]`
}

function operationSays(entity: Entity, operation: Operation, model: Model): string {
  const { access } = entity
  const source = access.source[operation]
  const begin = `${article(entity.name)} may be ${DONE[operation]}`
  if (operation !== 'update') return sentence(begin, { rule: access[operation], source }, model)
  const { from, to } = access.update
  const said = sentence(begin, { rule: from, source }, model)
  if (isDeepStrictEqual(from, to) || isNever(from)) return said
  return `${said} ${sentence('After the change it must be a row that could be changed', { rule: to, source }, model)}`
}

function fieldSays(entity: Entity, field: Field, model: Model): readonly string[] {
  const { name, system, type, read, write, default: preset } = field
  if (system !== null) return []
  const of = `${name} of ${article(entity.name, 'low')}`
  const said: string[] = []
  if (type.kind !== 'password' && !isAlways(read)) said.push(sentence(`${of} may be read`, { rule: read, source: null }, model))
  if (preset?.kind === 'set')
    said.push(
      `${of} is set by the server${preset.on === 'write' ? ' at every change' : ''}, and nobody sends it: ${quoted(preset.source)}.`,
    )
  else if (!isMaintained(field) && !isAlways(write))
    said.push(sentence(`${of} may be set`, { rule: write, source: field.writeSource }, model))
  return said
}

function actionSays(action: Action, model: Model): string {
  const said = sentence(`${actionLabel(action)} may be called`, { rule: action.allow, source: action.allowSource }, model)
  return action.as === 'system' ? `${said} It runs as system: the rules of entities do not apply to it.` : said
}

interface Rule {
  readonly rule: Predicate
  /** The author's text; null if it is not known, or if there is no rule. */
  readonly source: string | null
}

/** One sentence: who may do what `begin` says, and when. */
function sentence(begin: string, { rule, source }: Rule, model: Model): string {
  if (isNever(rule)) return `${begin} by nobody.`
  if (isAlways(rule)) return `${begin} by anyone, signed in or not.`
  const granted = casesOf(rule)?.map((conditions) => grantedBy(conditions, model))
  if (granted === undefined || granted.includes(null))
    return `${begin} by those for whom ${source === null ? 'its rule holds' : `this holds: ${quoted(source)}`}.`
  return `${begin} ${joined(granted as readonly Granted[])}.`
}

/** The cases in which a rule holds, each a list of conditions; undefined for too many. */
function casesOf(rule: Predicate): readonly (readonly Predicate[])[] | undefined {
  switch (rule.kind) {
    case 'any': {
      const parts = rule.of.map(casesOf)
      const all = parts.flatMap((part) => part ?? [])
      return parts.includes(undefined) || all.length > MAX_CASES ? undefined : all
    }
    case 'all':
      return rule.of.reduce<readonly (readonly Predicate[])[] | undefined>(
        (before, one) => {
          const added = casesOf(one)
          const all = before?.flatMap((conditions) => (added ?? []).map((more) => [...conditions, ...more]))
          return added === undefined || all === undefined || all.length > MAX_CASES ? undefined : all
        },
        [[]],
      )
    default:
      return [[rule]]
  }
}

/** Callers with the same conditions stand together. */
function joined(granted: readonly Granted[]): string {
  const groups = new Map<string, string[]>()
  for (const { callers, conditions } of granted) {
    const key = conditions.length === 0 ? '' : ` if ${conditions.join(' and ')}`
    const known = groups.get(key) ?? []
    groups.set(key, known.includes(callers) ? known : [...known, callers])
  }
  return [...groups].map(([conditions, callers]) => `by ${listed(callers)}${conditions}`).join('; ')
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

function article(name: string, letters: 'high' | 'low' = 'high'): string {
  const word = /^[AEIO]/.test(name) ? 'An' : 'A'
  return `${letters === 'high' ? word : word.toLowerCase()} ${name}`
}

function quoted(source: string): string {
  const plain = plainText(source)
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain
}
