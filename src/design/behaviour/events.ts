/** Resolves the reactions to events. */

import type { CallStep } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import type { Mail } from '../../model/mail.ts'
import { HAPPENINGS, type ModelEvent, type Reaction, type ReactionIdentity } from '../../model/reaction.ts'
import type {
  CallReactionDesign,
  PublishReactionDesign,
  ReactionDesign,
  RunReactionDesign,
  WebhookReactionDesign,
} from '../authoring/behaviour-design.ts'
import type { Design } from '../authoring/design.ts'
import { didYouMean, quote } from '../findings/report.ts'
import { readReference } from '../language/code-reference.ts'
import { callStep } from '../logic/call-step.ts'
import { emittedEvents } from '../logic/events.ts'
import { conditionAt, elementsAt, elementsWords, type LogicContext } from '../logic/logic-context.ts'
import { type ActionIndex, neededRows, part, reportMissing, type StepPlace } from '../logic/step-place.ts'
import type { EntityOutline, Outline } from '../outline/outline.ts'
import { hasBroken, hasEntity, isBroken, isBrokenAction } from '../outline/outline.ts'
import { resolveMessage } from './broker.ts'
import { eventNames, type NamesOfActions } from './event-names.ts'
import { missingNames } from './missing-values.ts'
import { reportCaller } from './report-caller.ts'
import { sentFields } from './webhooks.ts'

/** What resolving reactions needs. */
export interface EventContext extends LogicContext {
  readonly actionNames: NamesOfActions
  readonly index: ActionIndex
  /** The mails of reactions, each with the place of its reaction. */
  readonly mails: readonly Mail[]
}

/** Resolves the events of a design that have reactions, in its order. */
export function resolveEvents(context: EventContext): readonly ModelEvent[] {
  return Object.entries(context.design.on ?? {}).flatMap(([event, designs]): readonly ModelEvent[] => {
    const place = placeOf(event, context)
    if (place === null) return []
    const [entity = '', happening = ''] = event.split('.')
    const naming: Naming = { entity, names: new Set(), mails: context.mails }
    const reactions = designs.flatMap((design, i) => resolveReaction(design, part(place, i), naming) ?? [])
    return reactions.length === 0 ? [] : [{ entity, happening, reactions }]
  })
}

/** The place of an event, with the names of its reactions; null, with a finding, for an unknown event. */
function placeOf(event: string, context: EventContext): StepPlace | null {
  const { report, outline, design } = context
  const at = ['on', event]
  const [name = '', happening = '', ...rest] = event.split('.')
  const entity = outline.entities.get(name)
  if (!hasEntity(outline, name)) {
    if (rest.length > 0 || happening === '') report.add('PLN-D220', at, `${quote(event)} is not an event`, 'write it like Post.created')
    else report.add('PLN-D208', at, `unknown entity ${quote(name)}${didYouMean(name, outline.entities.keys())}`)
    return null
  }
  if (entity === undefined) return null
  const known = eventsOf(entity, design)
  if (rest.length > 0 || (!known.includes(happening) && !mayHappen(event, outline))) {
    const labels = known.map((one) => `${name}.${one}`)
    report.add('PLN-D220', at, `unknown event ${quote(event)}${didYouMean(event, labels)}`, `the events of ${name} are ${known.join(', ')}`)
  }
  return {
    context,
    action: { name: happening, entity: name, at, design: {}, transition: null },
    at,
    ...eventNames(name, happening, context.actionNames),
    actionInputs: [],
    index: context.index,
    when: null,
    whenSource: null,
    each: null,
  }
}

/** Whether an action or a step with an error may make an event: an action of the name, or any `emit`. */
function mayHappen(event: string, outline: Outline): boolean {
  if (isBrokenAction(outline, event) || hasBroken(outline, ['actions'])) return true
  return [...outline.entities.keys()].some((entity) => hasBroken(outline, ['entities', entity, 'actions']))
}

/** The events of an entity: its writes, its own actions, the transitions of its workflows, and those that steps log. */
function eventsOf(entity: EntityOutline, design: Design): readonly string[] {
  const workflows = Object.values(design.workflows ?? {}).filter((workflow) => workflow.entity === entity.name)
  const transitions = workflows.flatMap((workflow) => Object.keys(workflow.transitions))
  const emitted = [...emittedEvents(design)].flatMap((event) =>
    event.startsWith(`${entity.name}.`) ? [event.slice(entity.name.length + 1)] : [],
  )
  return [...HAPPENINGS, ...Object.keys(entity.design.actions ?? {}), ...transitions, ...emitted]
}

interface Naming {
  readonly entity: string
  /** The names that other reactions to the event have. */
  readonly names: Set<string>
  readonly mails: readonly Mail[]
}

/** The reaction; null, with findings, for one that cannot be resolved. */
function resolveReaction(design: ReactionDesign, event: StepPlace, naming: Naming): Reaction | null {
  const { entity } = event.action
  const when = design.when === undefined ? null : conditionAt(part(event, 'when'), design.when, { entity: entity ?? '', row: 'action' })
  const place: StepPlace = { ...event, when }
  if (when !== null) reportCaller([when], part(place, 'when'), 'a reaction')
  if ('email' in design) return resolveEmail(design, place, { ...naming, when })
  if ('webhook' in design) return resolveWebhook(design, place, { ...naming, when })
  if ('publish' in design) return resolvePublish(design, place, { ...naming, when })
  const as = identityAt(design.as, part(place, 'as'))
  const resolved = 'call' in design ? resolveCall(design, place) : resolveRun(design, place)
  if (as === null || resolved === null) return null
  const { word, ...own } = resolved
  const common = {
    at: place.at,
    name: nameOf(`${naming.entity} ${word}`, naming.names),
    when,
    whenSource: oneLine(design.when),
    onDead: design.onDead ?? 'continue',
    as,
  }
  return { ...common, ...own }
}

function oneLine(source: string | undefined): string | null {
  return source?.trim().replaceAll(/\s*\n\s*/g, ' ') ?? null
}

/** A mail, which was resolved before; null for one with findings. */
function resolveEmail(
  { email, when: source, onDead = 'continue' }: Extract<ReactionDesign, { readonly email: string }>,
  { at }: StepPlace,
  { entity, names, mails, when }: Naming & { readonly when: Predicate | null },
): Reaction | null {
  const mail = mails.find((each) => JSON.stringify(each.at) === JSON.stringify(at))
  if (mail === undefined) return null
  return { kind: 'email', at, name: nameOf(`${entity} email ${email}`, names), when, whenSource: oneLine(source), onDead, mail }
}

/** A reaction that sends the row to a webhook; null, with a finding, for an unknown one. */
function resolveWebhook(
  { webhook, fields, when: source, onDead = 'continue' }: WebhookReactionDesign,
  place: StepPlace,
  { entity, names, when }: Naming & { readonly when: Predicate | null },
): Reaction | null {
  const webhooks = place.context.design.integrations?.webhooks ?? {}
  const known = Object.keys(webhooks)
  if (!known.includes(webhook)) {
    if (isBroken(place.context.outline, ['integrations', 'webhooks', webhook])) return null
    const message = `unknown webhook ${quote(webhook)}${didYouMean(webhook, known)}`
    place.context.report.add('PLN-D222', [...place.at, 'webhook'], message, 'declare it under integrations.webhooks')
    return null
  }
  return {
    kind: 'webhook',
    at: place.at,
    name: nameOf(`${entity} webhook ${webhook}`, names),
    when,
    whenSource: oneLine(source),
    onDead,
    webhook,
    fields: sentFields(fields, { entity, webhook: webhooks[webhook], at: [...place.at, 'fields'] }, place.context),
  }
}

/** A reaction that publishes the row; null, with a finding, without a broker. */
function resolvePublish(
  design: PublishReactionDesign,
  place: StepPlace,
  { entity, names, when }: Naming & { readonly when: Predicate | null },
): Reaction | null {
  const { publish, fields, when: source, onDead = 'continue' } = design
  const message = resolveMessage(design, { event: `${entity}.${place.action.name}`, at: place.at }, place.context)
  if (message === null) return null
  return {
    kind: 'publish',
    at: place.at,
    name: nameOf(`${entity} publish ${publish}`, names),
    when,
    whenSource: oneLine(source),
    onDead,
    ...message,
    fields: sentFields(fields, { entity, webhook: undefined, at: [...place.at, 'fields'] }, place.context),
  }
}

/** A name that no other reaction to the event has: a second one with the same words gets the number 2. */
function nameOf(words: string, taken: Set<string>): string {
  let name = words
  for (let number = 2; taken.has(name); number++) name = `${words} ${number}`
  taken.add(name)
  return name
}

/** For whom a reaction runs; null, with a finding, for something else than an account. */
function identityAt(as: string, place: StepPlace): ReactionIdentity | null {
  if (as === 'system') return { kind: 'system' }
  const { report, design } = place.context
  const found = elementsAt(place, as)
  if (found === null) return null
  const identity = Object.entries(design.entities).find(([, entity]) => entity.identity !== undefined)?.[0]
  if (found.kind === 'row') reportMissing(found.path, place)
  if (found.kind === 'row' && found.path.entity === identity) return { kind: 'account', row: found.path, source: as }
  const hint =
    identity === undefined
      ? 'use as: system, because the design has no identity'
      : `use as: system, or a row of ${identity} such as row.author`
  report.add('PLN-D573', place.at, `a reaction runs for an account or as system, and this is ${elementsWords(found)}`, hint)
  return null
}

type ResolvedCall = Pick<Extract<Reaction, { kind: 'call' }>, 'kind' | 'action' | 'on' | 'inputs'> & { readonly word: string }

function resolveCall({ call, on, input }: CallReactionDesign, place: StepPlace): ResolvedCall | null {
  const isOfRow = on === undefined && call.startsWith(`${place.action.entity}.`)
  const design = { call, ...(isOfRow ? { on: 'row' } : on === undefined ? {} : { on }), ...(input === undefined ? {} : { input }) }
  const resolved = callStep(design, { at: place.at, as: null, when: null, each: null }, place)
  if (resolved === null) return null
  const step = resolved.step as CallStep
  for (const { name, value } of step.inputs) {
    reportCaller([value], part(place, 'input', name), 'a reaction')
    for (const row of neededRows(value)) reportMissing(row, part(place, 'input', name))
    reportMissingInput(value, { call, name }, place)
  }
  const { action, inputs } = step
  return { kind: 'call', action, on: step.on, inputs, word: `call ${call}` }
}

/** Reports optional fields and inputs in the value of an input that the action needs: without a value, each such event would be refused. */
function reportMissingInput(value: Term, { call, name }: { readonly call: string; readonly name: string }, place: StepPlace): void {
  const { index, context, action, when } = place
  const inputsOf = (label: string) => {
    const source = index.sources.find((one) => actionLabel(one) === label)
    return (source === undefined ? undefined : index.inputs.get(source)) ?? []
  }
  const input = inputsOf(call).find((one) => one.name === name)
  if (input === undefined || input.optional) return
  const inputs = inputsOf(actionLabel(action))
  for (const missing of missingNames(value, { entities: context.entities, inputs, when })) {
    const message = `${quote(missing)} may be missing, and ${call} needs the input ${quote(name)}`
    context.report.add(
      'PLN-D506',
      [...place.at, 'input', name],
      message,
      `add when: ${missing} != null, or write ${missing} == null ? … : …`,
    )
  }
}

type ResolvedRun = Pick<Extract<Reaction, { kind: 'run' }>, 'kind' | 'code' | 'path' | 'ownTransaction'> & { readonly word: string }

function resolveRun({ run, transaction }: RunReactionDesign, place: StepPlace): ResolvedRun {
  const reference = typeof run === 'string' ? readReference(run) : null
  if (reference !== null && 'wrong' in reference)
    place.context.report.add('PLN-D554', [...place.at, 'run'], reference.wrong, 'use a path such as logic/orders.ts#ship')
  return {
    kind: 'run',
    code: run,
    ownTransaction: transaction === 'own',
    path: typeof run === 'string' ? run : null,
    word: `run ${typeof run === 'string' ? run : run.name}`.trim(),
  }
}
