/** Random actions that sign in: with a password, or as an account that they make. */

import type { InputDesign, StepDesign, ValueDesign } from '../../../src/design/authoring/logic-design.ts'
import type { Random } from '../../support/random.ts'
import type { AuthoredDesign } from './authored.ts'
import type { NamedEntity } from './logic-terms.ts'

/** The name of the account in such an action. */
const ACCOUNT = 'account'

/** The inputs and the steps with which an action signs in, and the name of the account; null where the account has no name. */
export interface SigningIn {
  readonly input: Readonly<Record<string, InputDesign>>
  readonly steps: readonly StepDesign[]
  readonly named: NamedEntity | null
  /** Whether a step of the action makes the account. */
  readonly isNew: boolean
}

/** With login and password. It is the first step of its action. */
export function signInWithPassword(random: Random): SigningIn {
  const as = random.chance(0.8) ? { as: ACCOUNT } : {}
  return {
    input: { login: random.pick(['text', 'email'] as const), secret: { type: 'text', min: 1 } },
    steps: [{ signIn: { email: 'input.login', password: 'input.secret' }, ...as }],
    named: 'as' in as ? { name: ACCOUNT, entity: 'User' } : null,
    isNew: false,
  }
}

/** As a new account. */
export function signInAsNew(random: Random, { entities }: AuthoredDesign): SigningIn {
  const given = ['name', 'email', 'password']
  const more = Object.entries(entities.User?.fields ?? {}).filter(
    ([name]) => ['level', 'team', 'role'].includes(name) && random.chance(0.4),
  )
  const fields = [...given, ...more.map(([name]) => name)]
  const set: Readonly<Record<string, ValueDesign>> = Object.fromEntries(fields.map((name) => [name, `input.${name}`]))
  const create: StepDesign = { create: 'User', set, as: ACCOUNT }
  return {
    input: Object.fromEntries(fields.map((name) => [name, `User.${name}${given.includes(name) ? '' : '?'}`])),
    steps: [create, { signIn: ACCOUNT }],
    named: { name: ACCOUNT, entity: 'User' },
    isNew: true,
  }
}
