/** Resolves the steps of an action, in their order. A step may use the names of earlier steps. */

import { unreachable } from '../../base/unreachable.ts'
import type { ActionInput, ActionStep } from '../../model/action.ts'
import type { CallDesign, StepDesign } from '../authoring/logic-design.ts'
import type { NamedValue } from '../expression/scope.ts'
import { quote } from '../findings/report.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import { callStep, enqueueStep } from './call-step.ts'
import { emitStep } from './events.ts'
import { conditionAt, type LogicPlace, within } from './logic-context.ts'
import { findStep, listStep, requireStep } from './read-steps.ts'
import { eachAt } from './rows.ts'
import { signInStep } from './sign-in-step.ts'
import {
  type ActionIndex,
  type MaybeMissing,
  optionalReferences,
  part,
  type ResolvedStep,
  reportMissing,
  type StepPlace,
  type StepStart,
} from './step-place.ts'
import { createStep, deleteStep, ensureStep, updateStep } from './write-steps.ts'

/** The steps of an action, and the names that its answer may use. */
export interface ResolvedSteps {
  readonly steps: readonly ActionStep[]
  readonly names: ReadonlyMap<string, NamedValue>
  readonly maybe: MaybeMissing
}

/** Resolves the steps. A step with an error is left out; its name stays known. */
export function resolveSteps(
  designs: readonly StepDesign[],
  place: LogicPlace,
  { inputs, index }: { readonly inputs: readonly ActionInput[]; readonly index: ActionIndex },
): ResolvedSteps {
  const steps: ActionStep[] = []
  const names = new Map(place.names)
  const maybe = new Map<string, string | null>(optionalReferences(inputs).map((name) => [name, null]))
  designs.forEach((design, i) => {
    const later = designs.slice(i).flatMap((each) => ('as' in each && each.as !== undefined && !names.has(each.as) ? [each.as] : []))
    const known = new Map<string, NamedValue>([...later.map((name) => [name, { kind: 'later' }] as const), ...names])
    const at: LogicPlace = { ...within(place, i), names: known }
    const resolved = resolveStep(design, at, { actionInputs: inputs, maybe, index })
    if (resolved !== null) steps.push(resolved.step)
    const as = 'as' in design ? design.as : undefined
    if (as === undefined) return
    // A name that has a meaning already keeps it, so that the other steps and the answer have no findings for this reason.
    if (!checkName(as, { ...within(at, 'as'), names }) && (RESERVED.has(as) || names.has(as))) return
    const named: NamedValue = resolved?.result?.(as) ?? { kind: 'broken' }
    names.set(as, named)
    const when = 'signIn' in design ? undefined : design.when?.trim()
    if (resolved !== null && (resolved.maybe || when !== undefined) && named.kind === 'row')
      maybe.set(as, resolved.maybe ? null : (when ?? null))
  })
  return { steps, names, maybe }
}

function resolveStep(
  design: StepDesign,
  place: LogicPlace,
  rest: Pick<StepPlace, 'actionInputs' | 'maybe' | 'index'>,
): ResolvedStep | null {
  const given: Pick<CallDesign, 'when' | 'each'> = 'signIn' in design ? {} : design
  const each = given.each === undefined ? null : eachAt(given.each, within(place, 'each'))
  if (each !== null) checkName(each.each.name, within(place, 'each'))
  const names = each === null ? place.names : new Map([...place.names, [each.each.name, each.named]])
  const inner: LogicPlace = { ...place, names }
  const when = given.when === undefined ? null : conditionAt(within(inner, 'when'), given.when, null)
  const base: StepStart = { at: place.at, as: 'as' in design ? (design.as ?? null) : null, when, each: each?.each ?? null }
  const step: StepPlace = { ...inner, ...rest, when, whenSource: given.when?.trim() ?? null, each: base.each }
  if (given.each !== undefined && each === null) return null
  if (each?.each.over.kind === 'rows' && each.each.over.rows.kind === 'set') reportMissing(each.each.over.rows.set.of, part(step, 'each'))
  return resolveVerb(design, base, step)
}

function resolveVerb(design: StepDesign, base: StepStart, place: StepPlace): ResolvedStep | null {
  if ('find' in design) return findStep(design, base, place)
  if ('list' in design) return listStep(design, base, place)
  if ('require' in design) return requireStep(design, base, place)
  if ('create' in design) return createStep(design, base, place)
  if ('ensure' in design) return ensureStep(design, base, place)
  if ('update' in design) return updateStep(design, base, place)
  if ('delete' in design) return deleteStep(design, base, place)
  if ('call' in design) return callStep(design, base, place)
  if ('enqueue' in design) return enqueueStep(design, base, place)
  if ('emit' in design) return emitStep(design, base, place)
  if ('signIn' in design) return signInStep(design, base, place)
  return unreachable(design)
}

/** Words that no step may have as its name, because they have another meaning. */
const RESERVED: ReadonlySet<string> = new Set(['row', 'system', 'caller'])

/** Whether a step or `each` can give a name; false with a finding. */
function checkName(name: string, { at, names, context }: LogicPlace): boolean {
  const { report, shape } = context
  if (!checkMemberName(name, { what: 'a step', at, report })) return false
  const named = names.get(name)
  if (RESERVED.has(name)) report.add('PLN-D202', at, `${quote(name)} is a reserved word`, 'choose another name')
  else if (named !== undefined && named.kind !== 'later')
    report.add('PLN-D203', at, `${quote(name)} is a name of the action already`, 'choose another name')
  else if (shape.rules.has(name))
    report.add('PLN-D203', at, `there is a rule ${quote(name)}, so the name would mean two things`, 'choose another name')
  else return true
  return false
}
