/** What a design leaves open, as questions with answers to choose from. The recommended answer is the one that holds now. */

import type { Operation } from '../../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../../model/model.ts'
import type { Requirement } from '../../../model/parts/requirement.ts'
import { count, plainText } from '../../terminal/layout.ts'

/** An answer. */
export interface PlannedOption {
  readonly says: string
  /** The rule to write at `where` of the question; null if the answer is no rule. */
  readonly rule: string | null
}

/** A question to the people who asked for the backend. */
export interface PlannedQuestion {
  /** The id of the requirement, or `Visit.delete`. */
  readonly id: string
  readonly ask: string
  /** Two to five. */
  readonly options: readonly PlannedOption[]
  /** The number of the answer that holds until somebody answers, from 1. */
  readonly recommended: number
  /** Why it matters, in a few words. */
  readonly impact: string
  /** The path in the design to which the answer belongs. */
  readonly where: string
}

/** How many questions are asked at a time. */
export const AT_A_TIME = 5

const OPERATIONS: readonly Operation[] = ['read', 'create', 'update', 'delete']
/** What reading gives away cannot be taken back, so it comes first. */
const WEIGHTS: Readonly<Record<Operation, number>> = { read: 3, create: 2, update: 1, delete: 0 }
const DOES: Readonly<Record<Operation, string>> = { read: 'read', create: 'create', update: 'change', delete: 'delete' }
/** The rows of an entity for which the design has no target. */
const USUAL_ROWS = 10_000
/** The most characters of a text of the design. */
const LONGEST = 300

/** All questions, those that matter most first: the ones of requirements, then operations without a rule. */
export function questionsOf(model: Model): readonly PlannedQuestion[] {
  const ofRequirements = model.requirements.flatMap((one) => askedBy(one, model))
  const ofOperations = model.entities.flatMap((entity) =>
    OPERATIONS.filter((operation) => entity.access.source[operation] === null).map((operation) => ruleQuestion(operation, entity, model)),
  )
  const ranked = (asked: readonly Weighed[]): readonly PlannedQuestion[] =>
    asked.toSorted((a, b) => b.weight - a.weight || (a.question.id < b.question.id ? -1 : 1)).map(({ question }) => question)
  return [...ranked(ofRequirements), ...ranked(ofOperations)]
}

interface Weighed {
  readonly question: PlannedQuestion
  readonly weight: number
}

function askedBy({ id, by, question }: Requirement, model: Model): readonly Weighed[] {
  if (question === null) return []
  const names = new Set(by.flatMap((part) => (part.kind === 'design' && part.path[0] === 'entities' ? [String(part.path[1])] : [])))
  const rows = [...names].reduce((all, name) => all + rowsOf(name, model), 0)
  return [
    {
      question: {
        id,
        ask: shortened(question.ask),
        options: question.options.map((says) => ({ says: shortened(says), rule: null })),
        recommended: question.taken,
        impact: names.size === 0 ? 'nothing meets it yet' : `${rows.toLocaleString('en')} rows of ${[...names].join(', ')}`,
        where: `requirements.${id}`,
      },
      weight: rows,
    },
  ]
}

function ruleQuestion(operation: Operation, entity: Entity, model: Model): Weighed {
  const { name, fields } = entity
  const isIdentity = model.identity?.entity === name
  const secret = fields.filter((field) => field.private).map((field) => field.name)
  const referring = model.entities.flatMap((one) => one.fields).filter(({ type }) => type.kind === 'ref' && type.entity === name).length
  const impact = [
    ...(isIdentity ? ['the accounts'] : []),
    ...(secret.length === 0 ? [] : [`private: ${secret.slice(0, 3).join(', ')}`]),
    ...(model.targets.rows.has(name) ? [`${rowsOf(name, model).toLocaleString('en')} rows`] : []),
  ]
  return {
    question: {
      id: `${name}.${operation}`,
      ask: `Who may ${DOES[operation]} rows of ${name}?`,
      options: optionsOf(operation, entity, model),
      recommended: 1,
      impact: impact.length === 0 ? count(fields.length, 'field') : impact.join('; '),
      where: `entities.${name}.access.${operation}`,
    },
    weight: (isIdentity ? 8 : 0) + Math.min(secret.length, 3) * 2 + Math.min(referring, 10) + WEIGHTS[operation],
  }
}

/** From nobody to everybody. */
function optionsOf(operation: Operation, { name, fields }: Entity, model: Model): readonly PlannedOption[] {
  const nobody = { says: 'nobody', rule: 'false' }
  const anyone = { says: 'anyone, signed in or not', rule: 'true' }
  const { identity } = model
  if (identity === null) return [nobody, anyone]
  const owner = fields.find(({ type }) => type.kind === 'ref' && type.entity === identity.entity)
  const own =
    name === identity.entity
      ? operation === 'create'
        ? []
        : [{ says: `the ${name} itself`, rule: 'id == auth.id' }]
      : owner === undefined
        ? []
        : [{ says: `its ${owner.name}`, rule: `${owner.name} == auth.id` }]
  const role = identity.role === null ? undefined : entityNamed(model, identity.entity).fields.find((field) => field.name === identity.role)
  const values = role?.type.kind === 'choice' ? role.type.values : []
  const highest = values.find((value) => /admin|owner|staff/i.test(value)) ?? values.at(-1)
  const ofRole = highest === undefined ? [] : [{ says: `role ${highest}`, rule: `auth.role == ${JSON.stringify(highest)}` }]
  return [nobody, ...own, ...ofRole, { says: 'everyone who is signed in', rule: 'auth.id != null' }, anyone]
}

function rowsOf(name: string, { targets }: Model): number {
  return targets.rows.get(name) ?? USUAL_ROWS
}

function shortened(text: string): string {
  const plain = plainText(text).replaceAll('\n', ' ')
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain
}

/** The questions that are asked now, as lines; empty without any. */
export function questionLines(questions: readonly PlannedQuestion[], heading: (title: string) => string): readonly string[] {
  if (questions.length === 0) return []
  const shown = questions.slice(0, AT_A_TIME)
  const of = questions.length > shown.length ? `${shown.length} of ${questions.length}; ` : ''
  return [
    heading(`Questions (${of}until somebody answers, the marked one holds)`),
    ...shown.flatMap(({ id, ask, options, recommended, impact, where }) => [
      `  ${id}: ${ask} (${impact}; ${where})`,
      ...options.map(
        ({ says, rule }, i) => `    ${i + 1 === recommended ? '*' : ' '} ${i + 1}  ${says}${rule === null ? '' : `: ${rule}`}`,
      ),
    ]),
  ]
}
