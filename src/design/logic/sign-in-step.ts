/** Resolves `signIn`: with a login and a password of the input, or as an account that the action has made. */

import type { SignInStep } from '../../model/action.ts'
import type { RowPath } from '../../model/expression.ts'
import type { IdentityDesign } from '../authoring/design.ts'
import type { SignInDesign } from '../authoring/logic-design.ts'
import { quote } from '../findings/report.ts'
import { elementsAt, elementsWords, rowNamed } from './logic-context.ts'
import type { ResolvedStep, StepStart } from './step-place.ts'
import { part, type StepPlace } from './step-place.ts'

/** Resolves `signIn`; null, with a finding, where it cannot sign in. */
export function signInStep({ signIn }: SignInDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  const { signsIn } = place.context.shape
  const identity = signsIn === undefined ? undefined : place.context.design.entities[signsIn.entity]?.identity
  if (signsIn === undefined || identity === undefined) {
    report(place, 'PLN-D531', 'no entity of the design has an identity, so nobody can sign in')
    return null
  }
  if (firstSignIn(place) !== place.at.at(-1)) {
    report(place, 'PLN-D531', 'the action has signed in already', 'leave out one of the steps')
    return null
  }
  const entity = signsIn.entity
  return typeof signIn === 'string'
    ? withRow(signIn, { ...base, entity }, place)
    : withPassword(signIn, identity, { ...base, entity }, place)
}

function report(place: StepPlace, code: 'PLN-D531' | 'PLN-D532', message: string, hint?: string): void {
  place.context.report.add(code, [...place.at, 'signIn'], message, hint)
}

function firstSignIn({ action }: StepPlace): number | undefined {
  return action.design.steps?.findIndex((step) => 'signIn' in step)
}

type Start = StepStart & Pick<SignInStep, 'entity'>

function withPassword(
  given: Exclude<SignInDesign['signIn'], string>,
  { login, password }: IdentityDesign,
  base: Start,
  place: StepPlace,
): ResolvedStep | null {
  const names = Object.keys(given)
  if (names.length !== 2 || !names.includes(login) || !names.includes(password)) {
    report(place, 'PLN-D531', `${base.entity} signs in with ${login} and ${password}`, `use { ${login}: …, ${password}: … }`)
    return null
  }
  if (place.at.at(-1) !== 0) {
    report(place, 'PLN-D531', 'signIn with a password must be the first step', 'move this step to the start')
    return null
  }
  const [ofLogin, ofPassword] = [inputAt(given[login], login, place), inputAt(given[password], password, place)]
  if (ofLogin === null || ofPassword === null) return null
  const step: SignInStep = { ...base, verb: 'signIn', account: { kind: 'password', login: ofLogin, password: ofPassword } }
  return { step, result: (name) => rowNamed(name, base.entity), maybe: false }
}

/** The name of the input that a value is; null, with a finding, for any other value. The inputs are known without the database. */
function inputAt(value: unknown, field: string, place: StepPlace): string | null {
  const name = typeof value === 'string' ? /^\s*input\.([A-Za-z][A-Za-z0-9]*)\s*$/.exec(value)?.[1] : undefined
  const input = place.actionInputs.find((one) => one.name === name)
  // An input with a finding has no further one.
  if (name !== undefined && input === undefined && Object.hasOwn(place.action.design.input ?? {}, name)) return null
  const at = part(place, 'signIn', field).at
  if (input === undefined || input.optional) {
    const message = `${quote(field)} is ${input === undefined ? 'no input' : 'an input that may be left out'}`
    place.context.report.add('PLN-D531', at, message, `use an input that is needed, such as input.${field}`)
    return null
  }
  const { type } = input
  if (type.kind === 'value' && type.type.kind === 'scalar' && ['text', 'email'].includes(type.type.scalar)) return input.name
  const isPassword = type.kind === 'value' && type.type.kind === 'password'
  const why = isPassword ? 'the rules of new passwords do not apply to it' : 'it is compared with a text'
  place.context.report.add('PLN-D531', at, `input.${input.name} is no text`, `use an input { type: text, min: 1 }; ${why}`)
  return null
}

function withRow(source: string, base: Start, place: StepPlace): ResolvedStep | null {
  const at = part(place, 'signIn')
  const found = elementsAt(at, source)
  if (found === null) return null
  if (found.kind !== 'row' || found.path.entity !== base.entity) {
    report(place, 'PLN-D532', `a ${base.entity} signs in, and this is ${elementsWords(found)}`)
    return null
  }
  if (!isMadeHere(found.path, place)) {
    const message = `the action has not created ${quote(source.trim())}, so every caller of the action could sign in as that account`
    report(place, 'PLN-D532', message, `use the result of a create: ${base.entity} without each`)
    return null
  }
  if (place.maybe.has(found.path.binding)) {
    const message = `${quote(found.path.binding)} may be missing (its step has a when)`
    place.context.report.add('PLN-D506', at.at, message, 'leave out when in the create')
    return null
  }
  const step: SignInStep = { ...base, as: null, verb: 'signIn', account: { kind: 'row', row: found.path } }
  return { step, result: () => ({ kind: 'row', path: found.path }), maybe: false }
}

/** Whether a `create` before this step names the row. */
function isMadeHere({ binding, hops }: RowPath, { action, at }: StepPlace): boolean {
  const before = action.design.steps?.slice(0, Number(at.at(-1))) ?? []
  return hops.length === 0 && before.some((step) => 'create' in step && step.as === binding && step.each === undefined)
}
