/** Messages as events and jobs: what is sent follows from a change of a row, and what is received becomes a job. */

import type { SketchMessage } from '../sketch/sketch.ts'
import { carry, type Draft, type Drafting, designField, entityCalled, type NamedEntity } from './draft.ts'
import { resolvedType } from './fields.ts'
import { newNamedEntity } from './named-entities.ts'
import { memberName, ownName, untakenName } from './names.ts'

/** The broker of the design, and the variable with its addresses. */
const BROKERS = { kafka: { key: 'kafka', variable: 'KAFKA_BROKERS' }, nats: { key: 'nats', variable: 'NATS_URL' } } as const
/** What a subject of the broker may be: words with dots between them. */
const SUBJECT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/
const MAX_SUBJECT = 200

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
      draft.left.push({ ...object, why: `${message.address} is no subject of a broker; choose one, and write a job or a publish for it` })
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

/**
 * The subject of an address: slashes, colons and the like become dots, and parameters go, as a design has fixed subjects. A message at an
 * address without words, such as `/`, has its name as its subject. Null if nothing is left.
 */
function brokerSubject({ address, name }: SketchMessage): string | null {
  const dotted = (text: string): string =>
    text
      .replaceAll(/\{[^{}]*\}|<[^<>]*>|\$\{[^{}]*\}|[*#+>]/g, '.')
      .replaceAll(/[^A-Za-z0-9_-]+/g, '.')
      .replaceAll(/^\.+|\.+$/g, '')
  const subject = [dotted(address), dotted(name)].find((each) => SUBJECT.test(each))
  return subject === undefined || subject.length > MAX_SUBJECT ? null : subject
}

/** How the subject differs from the address; null if it does not. */
function subjectNote({ address }: SketchMessage, subject: string): string | null {
  if (address === subject) return null
  const names = [...address.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name)
  return `${address} is ${subject}${names.length === 0 ? '' : `; ${names.join(' and ')} must stand in the message`}`
}

/** Adds a reaction that publishes a row. An event that is no write needs an action that emits it. */
function publish(message: SketchMessage, subject: string, drafting: Drafting): boolean {
  const { draft, entities } = drafting
  const object = { kind: 'message', name: message.name, at: message.at }
  const known = message.entity === null ? undefined : entityCalled(entities, message.entity)
  if (known === undefined && message.properties.length === 0) {
    const why = 'no entity of the document is what it is about, and it has no data'
    draft.left.push({ ...object, why: `${why}; write { publish: ${subject} } under on, at the event after which it is sent` })
    return false
  }
  const entity = known ?? outbox(message, drafting)
  const happened = message.event ?? (known === undefined ? 'created' : 'sent')
  const isWrite = ['created', 'updated', 'deleted'].includes(happened)
  const event = isWrite ? happened : memberName(happened)
  const at = `${entity.name}.${event}`
  const made = known === undefined ? `${entity.name} was made for it: create a row to send it` : null
  const note = isWrite ? made : emitting(entity, event, draft)
  const fields = fieldsOf(message, entity)
  const reaction = { publish: subject, ...(fields.length === 0 ? {} : { fields }) }
  draft.design.on = { ...draft.design.on, [at]: [...(draft.design.on?.[at] ?? []), reaction] }
  const said = [note, subjectNote(message, subject)].filter((one) => one !== null).join('; ')
  carry(draft, ['on', at], { ...object, note: said === '' ? null : said })
  return true
}

/** An entity for messages that are about no other: each row is one that is sent. */
function outbox({ name, properties, at }: SketchMessage, drafting: Drafting): NamedEntity {
  const entity = newNamedEntity(name, at, drafting)
  carry(drafting.draft, ['entities', entity.name], { kind: 'entity', name, at, note: 'made for a message that is sent' })
  for (const { name: property, type, optional } of properties) {
    if (property.toLowerCase() === 'id') continue
    const called = untakenName(ownName(memberName(property)), entity.taken)
    entity.names.set(property, called)
    entity.design.fields[called] = { ...resolvedType(type, drafting.enums).field, ...(optional ? { optional: true } : {}) }
  }
  return entity
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
    note: [`write jobs/${name}.ts, or steps in its place; the message must be a CloudEvent`, subjectNote(message, subject), message.note]
      .filter((each) => each != null)
      .join('; '),
  })
}
