/** The questions that a source leaves open: who may do what, and who signs in. The recommended answer is the closed one. */

import type { Draft, DraftEntity } from '../draft/draft.ts'
import type { SourcePlace } from '../text/source-file.ts'

/** An answer, and what to write for it. */
export interface QuestionOption {
  readonly says: string
  /** The rule to write at the path of the question; null if there is nothing to write. */
  readonly rule: string | null
}

/** A question. */
export interface Question {
  /** Stable: the path in the design that it is about. */
  readonly id: string
  readonly ask: string
  readonly options: readonly QuestionOption[]
  /** The number of the recommended option, from 1. It is what holds now. */
  readonly recommended: number
  /** Why it matters, in a few words. */
  readonly impact: string
  readonly at: SourcePlace | null
}

/** How many questions are asked at a time. */
export const QUESTIONS_AT_A_TIME = 5

/** The questions in order, most important first. */
export function questionsOf(draft: Draft, accounts: readonly string[]): readonly Question[] {
  const identity = Object.entries(draft.design.entities).find(([, { identity: found }]) => found !== undefined)
  const choice = accountQuestion(draft, accounts, identity !== undefined)
  const rules = Object.entries(draft.design.entities).flatMap(([name, entity]) =>
    OPERATIONS.map((operation) => ({ ...ruleQuestion(operation, { name, entity, draft, account: identity ?? null }) })),
  )
  rules.sort((a, b) => b.weight - a.weight || (a.question.id < b.question.id ? -1 : 1))
  return [...choice, ...rules.map(({ question }) => question)]
}

const OPERATIONS = ['read', 'create', 'update', 'delete'] as const
type Operation = (typeof OPERATIONS)[number]

const ASKS: Readonly<Record<Operation, (name: string) => string>> = {
  read: (name) => `Who may read ${plural(name)}?`,
  create: (name) => `Who may create ${plural(name)}?`,
  update: (name) => `Who may change ${plural(name)}?`,
  delete: (name) => `Who may delete ${plural(name)}?`,
}

function plural(name: string): string {
  return `rows of ${name}`
}

interface About {
  readonly name: string
  readonly entity: DraftEntity
  readonly draft: Draft
  readonly account: readonly [name: string, entity: DraftEntity] | null
}

const NOBODY: QuestionOption = { says: 'nobody', rule: "'false'" }

function ruleQuestion(operation: Operation, about: About): { readonly question: Question; readonly weight: number } {
  const { name, entity, draft, account } = about
  const personal = Object.entries(entity.fields).filter(([, field]) => field.private === true || field.type === 'password')
  const referred = Object.values(draft.design.entities)
    .flatMap(({ fields }) => Object.values(fields))
    .filter(({ entity: to }) => to === name)
  const options = optionsOf(operation, about)
  const impacts = [
    ...(entity.identity === undefined ? [] : ['the accounts']),
    ...(personal.length === 0
      ? []
      : [
          `personal data: ${personal
            .slice(0, 3)
            .map(([field]) => field)
            .join(', ')}`,
        ]),
    ...(referred.length === 0 ? [] : [`${referred.length} ${referred.length === 1 ? 'reference leads' : 'references lead'} here`]),
  ]
  const question: Question = {
    id: `${name}.${operation}`,
    ask: ASKS[operation](name),
    options,
    recommended: 1,
    impact: impacts.length === 0 ? `${Object.keys(entity.fields).length} fields` : impacts.join('; '),
    at: draft.sources.get(`entities.${name}`) ?? null,
  }
  const weight =
    (entity.identity === undefined ? 0 : 8) + Math.min(personal.length, 3) * 2 + Math.min(referred.length, 10) + WEIGHTS[operation]
  return { question: account === null && operation !== 'read' ? { ...question, options: options.slice(0, 2) } : question, weight }
}

const WEIGHTS: Readonly<Record<Operation, number>> = { read: 3, create: 2, update: 1, delete: 0 }

function optionsOf(operation: Operation, { name, entity, account }: About): readonly QuestionOption[] {
  const anybody: QuestionOption = { says: 'anyone, signed in or not', rule: "'true'" }
  if (account === null) return [NOBODY, anybody]
  const [accountName, accountEntity] = account
  const owners = Object.entries(entity.fields).filter(([, field]) => field.type === 'ref' && field.entity === accountName)
  const own: QuestionOption[] =
    name === accountName
      ? operation === 'create'
        ? []
        : [{ says: 'the account itself', rule: 'id == auth.id' }]
      : owners.slice(0, 1).map(([field]) => ({ says: `the ${accountName} that is its ${field}`, rule: `${field} == auth.id` }))
  const role = accountEntity.identity?.role
  const values = role === undefined ? [] : ((accountEntity.fields[role]?.values ?? []) as readonly string[])
  const highest = values.find((value) => /admin|owner|super/i.test(value)) ?? values.at(-1)
  const roles: QuestionOption[] =
    highest === undefined ? [] : [{ says: `role ${highest}`, rule: `auth.role == ${JSON.stringify(highest)}` }]
  const signedIn: QuestionOption = { says: 'everyone who is signed in', rule: 'auth.id != null' }
  return [NOBODY, ...own, ...roles, signedIn, anybody].slice(0, 5)
}

function accountQuestion(draft: Draft, accounts: readonly string[], hasIdentity: boolean): readonly Question[] {
  if (hasIdentity || Object.keys(draft.design.entities).length === 0) return []
  const names = accounts.slice(0, 4)
  const [only] = names
  return [
    {
      id: 'identity',
      ask: 'Which entity signs in?',
      options: [
        { says: 'none: every caller is anonymous', rule: null },
        ...names.map((name) => ({ says: name, rule: `entities.${name}.identity: { login, password }` })),
        ...(only === undefined
          ? [{ says: 'one that the source does not have: add it', rule: 'identity: { login: email, password: password }' }]
          : []),
      ],
      recommended: 1,
      impact: 'every rule about who is signed in',
      at: only === undefined ? null : (draft.sources.get(`entities.${only}`) ?? null),
    },
  ]
}
