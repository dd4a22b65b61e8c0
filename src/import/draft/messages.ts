/** Messages as events and jobs: what is sent follows from a change of a row, and what is received becomes a job. */

import type { SketchMessage } from '../sketch/sketch.ts'
import { carry, type Draft, type Drafting, designField, entityCalled, type NamedEntity } from './draft.ts'
import { memberName, untakenName } from './names.ts'

/** The broker of the design, and the variable with its addresses. */
const BROKERS = { kafka: { key: 'kafka', variable: 'KAFKA_BROKERS' }, nats: { key: 'nats', variable: 'NATS_URL' } } as const
/** What a subject of the broker may be: words with dots between them. */
const SUBJECT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/

/** Adds the messages of a sketch. Nobody may call what is added for them. */
export function addMessages(drafting: Drafting): void {
  const { sketch, draft } = drafting
  if (sketch.messages.length === 0) return
  const jobs = new Set<string>()
  let published = 0
  const subscribe: Record<string, unknown> = {}
  for (const message of sketch.messages) {
    const subject = brokerSubject(message)
    const object = { kind: 'message', name: message.name, at: message.at }
    if (subject === null)
      draft.left.push({ ...object, why: `${message.address} is no subject: parameters are decided when a message is sent` })
    else if (message.direction === 'receives') receive(message, subject, { draft, jobs, subscribe })
    else if (publish(message, subject, drafting)) published++
  }
  if (published === 0 && jobs.size === 0) return
  const spoken = sketch.brokers.some((one) => one.startsWith('kafka')) ? BROKERS.kafka : BROKERS.nats
  const stream = spoken.key === 'nats' && published > 0 ? { stream: { name: streamName(draft.design.name) } } : {}
  const subscriptions = jobs.size === 0 ? {} : { subscribe }
  draft.design.integrations = { broker: { [spoken.key]: spoken.variable, ...stream, ...subscriptions } }
  const others = sketch.brokers.filter((one) => !/^(?:kafka|nats)/.test(one))
  for (const name of others)
    draft.left.push({
      ...{ kind: 'server', name, at: sketch.messages[0]?.at ?? { file: '', line: 1 } },
      why: `the protocol ${name} is not spoken; the design has ${spoken.key} in its place`,
    })
}

function streamName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}

/** The subject of an address: slashes become dots. Null for an address with parameters. */
function brokerSubject({ address }: SketchMessage): string | null {
  const subject = address.replaceAll(/^\/+|\/+$/g, '').replaceAll('/', '.')
  return SUBJECT.test(subject) ? subject : null
}

/** Adds a reaction that publishes a row. An event that is no write needs an action that emits it. */
function publish(message: SketchMessage, subject: string, drafting: Drafting): boolean {
  const { draft, entities } = drafting
  const object = { kind: 'message', name: message.name, at: message.at }
  const entity = message.entity === null ? undefined : entityCalled(entities, message.entity)
  if (entity === undefined || message.event === null) {
    const why = entity === undefined ? 'no entity of the document is what it is about' : 'its name does not say what happens to a row'
    draft.left.push({ ...object, why: `${why}; write { publish: ${subject} } under on, at the event after which it is sent` })
    return false
  }
  const isWrite = ['created', 'updated', 'deleted'].includes(message.event)
  const event = isWrite ? message.event : memberName(message.event)
  const at = `${entity.name}.${event}`
  const note = isWrite ? null : emitting(entity, event, draft)
  const fields = fieldsOf(message, entity)
  const reaction = { publish: subject, ...(fields.length === 0 ? {} : { fields }) }
  draft.design.on = { ...draft.design.on, [at]: [...(draft.design.on?.[at] ?? []), reaction] }
  const slashes = message.address === subject ? null : `${message.address} is ${subject}`
  const said = [note, slashes].filter((one) => one !== null).join('; ')
  carry(draft, ['on', at], { ...object, note: said === '' ? null : said })
  return true
}

/** Adds an action that emits an event, and says what is to be done with it. */
function emitting(entity: NamedEntity, event: string, { design }: Draft): string {
  const actions = (design.entities[entity.name] ?? entity.design).actions ?? {}
  const name = Object.keys(actions).find((each) => JSON.stringify(actions[each]).includes(`"${entity.name}.${event}"`))
  const made =
    name ?? untakenName(`emit${event.slice(0, 1).toUpperCase()}${event.slice(1)}`, new Set([...Object.keys(actions), ...entity.taken]))
  entity.design.actions = { ...actions, [made]: { steps: [{ emit: `${entity.name}.${event}` }] } }
  return `the action ${entity.name}.${made} emits it; call it where it happens`
}

/** The properties of a message that are fields of its entity. */
function fieldsOf({ properties }: SketchMessage, entity: NamedEntity): readonly string[] {
  const own = properties.flatMap(({ name }) => designField(entity, name) ?? [])
  return [...new Set(own)].filter((name) => name === 'id' || entity.design.fields[name] !== undefined)
}

interface Receiving {
  readonly draft: Draft
  readonly jobs: Set<string>
  readonly subscribe: Record<string, unknown>
}

function receive(message: SketchMessage, subject: string, { draft, jobs, subscribe }: Receiving): void {
  const name = untakenName(memberName(message.name), jobs)
  const taken = new Set<string>()
  const input: Record<string, unknown> = {}
  const from: Record<string, string> = {}
  for (const { name: property, type, optional } of message.properties) {
    // An input has no default here: the sender says all that it means.
    const { default: _, ...plain } = type as { readonly type: string; readonly default?: unknown }
    const member = untakenName(memberName(property), taken)
    input[member] = { ...(plain.type === 'password' ? { type: 'text' } : plain), ...(optional ? { optional: true } : {}) }
    if (member !== property && /^[A-Za-z_]\w*$/.test(property)) from[member] = `data.${property}`
  }
  draft.design.jobs = {
    ...(draft.design.jobs as object | undefined),
    [name]: { as: 'system', ...(Object.keys(input).length === 0 ? {} : { input }), run: `jobs/${name}.ts` },
  }
  subscribe[name] = { subject, job: name, ...(Object.keys(from).length === 0 ? {} : { input: from }) }
  carry(draft, ['jobs', name], {
    ...{ kind: 'message', name: message.name, at: message.at },
    note: `write jobs/${name}.ts, or steps in its place; the message must be a CloudEvent`,
  })
}
