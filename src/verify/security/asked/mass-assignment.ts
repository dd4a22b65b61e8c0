/** F203: fields that no body may set, sent through each way to write. */

import type { Entity, Field } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type RowVerb, requestAnswered } from '../../cases/usual-request.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

/** A name that no design has. */
const MADE_UP = 'nothingOfThisName'
/** Names by which other systems give rights, or reach objects of the program. */
const USUAL_KEYS = ['isAdmin', 'admin', 'role_id', 'permissions', '__proto__', 'constructor'] as const

interface Key {
  readonly name: string
  readonly value: unknown
  /** Whether it is refused as a name that does not exist, byte for byte. Others are refused in words of their own. */
  readonly isUnknown: boolean
}

/** The claim about an entity: system fields, fields that the server sets, computed ones, and usual names. */
export function massAssignment(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const probes = (['create', 'update', 'replace'] as const).flatMap((verb) => probesOf(asking, entity, verb))
  return familyOf(
    {
      of: 'F203',
      entity: entity.name,
      claim: `No body sets a field of ${entity.name} that the backend keeps itself (OWASP API3).`,
      text: 'each such name through each way to write; the answer is that for a made-up name, and no row changes',
    },
    probes,
  )
}

function probesOf(asking: PlannedWorld, entity: Entity, verb: Extract<RowVerb, 'create' | 'update' | 'replace'>): readonly SecurityProbe[] {
  const { reference } = asking
  const usual = requestAnswered(asking, { entity, verb, statuses: [200, 201] })
  if (usual === null) return []
  const { user, request } = usual
  const written = reference.design.entities[entity.name]?.fields ?? {}
  const keys = keysOf(entity, verb).filter(({ name }) => !Object.hasOwn(written, name) || written[name]?.write === undefined)
  return keys.flatMap((key) =>
    waysOf(request, key).map(
      ([way, changed]): SecurityProbe => ({
        goal: `${key.name}/${way}`,
        user,
        async ask(tools) {
          const token = tools.tokenOf(user)
          const sent = httpRequestOf(reference.model, changed)
          const answer = await tools.send({ ...withOwnPrototype(sent.body), ...without(sent), token })
          const twin = key.isUnknown ? await tools.send({ ...httpRequestOf(reference.model, renamed(changed, key)), token }) : null
          const why = 'no caller may set this field'
          const wrong =
            answer.status !== 400
              ? `status ${answer.status}`
              : twin === null || textOf(twin, MADE_UP) === textOf(answer, key.name)
                ? null
                : `another answer than for a made-up name: ${textOf(answer, key.name).slice(0, 200)} and ${textOf(twin, MADE_UP).slice(0, 200)}`
          return { wrong, statuses: [400], why, sent, answer }
        },
      }),
    ),
  )
}

/** JSON.stringify leaves out nothing here, also not `__proto__` as an own name. */
function withOwnPrototype(body: unknown): { readonly body: string } {
  return { body: JSON.stringify(body) }
}

function without<T extends { readonly body?: unknown }>({ body: _, ...rest }: T): Omit<T, 'body'> {
  return rest
}

/** What an answer says, without the sentence that may suggest a name. */
function textOf({ status, json, text }: Answered, name: string): string {
  const problems = (json?.errors ?? []).map(({ pointer, rule }: { readonly pointer?: string; readonly rule?: string }) => [
    pointer?.replaceAll(name, ''),
    rule,
  ])
  return `${status} ${json?.code} ${JSON.stringify(problems)} ${json === undefined ? text : ''}`
}

function keysOf(entity: Entity, verb: 'create' | 'update' | 'replace'): readonly Key[] {
  const own = entity.fields.flatMap((field): readonly Key[] => {
    const { name, system, immutable, type, default: preset } = field
    // The version in the body of a replacement is the one that it is for.
    if (system === 'id' || (system === 'version' && verb === 'replace')) return []
    const isKept = system !== null || type.kind === 'computed' || preset?.kind === 'set' || preset?.kind === 'sequence'
    if (isKept) return [{ name, value: valueFor(field), isUnknown: false }]
    return immutable && verb !== 'create' ? [{ name, value: valueFor(field), isUnknown: false }] : []
  })
  return [...own, ...USUAL_KEYS.map((name) => ({ name, value: true, isUnknown: true }))]
}

/** A value of the type of a field, where it is easy. */
function valueFor({ type, system }: Field): unknown {
  if (system === 'version') return 77
  if (type.kind === 'ref') return '01900000-0000-7000-8000-000000000004'
  if (type.kind !== 'scalar') return 'x'
  return (
    { timestamp: '2020-01-01T00:00:00.000Z', date: '2020-01-01', integer: 77, number: 77, decimal: '77', boolean: true, text: 'forged' }[
      type.scalar as 'text'
    ] ?? 'x'
  )
}

type Write = Extract<AbstractRequest, { kind: 'create' | 'update' }>

function waysOf(request: AbstractRequest, { name, value }: Key): readonly (readonly [string, Write])[] {
  // An own member, also where the name is __proto__.
  const add = (body: BodyValues): BodyValues => Object.fromEntries([...Object.entries(body), [name, value]])
  if (request.kind === 'create') {
    const rows = request.rows.map(add)
    return [
      ['create', { ...request, rows }],
      ['create-many', { ...request, rows, many: true }],
    ]
  }
  return request.kind === 'update' ? [[request.mode, { ...request, body: add(request.body) }]] : []
}

function renamed(request: Write, { name }: Key): Write {
  const rename = (body: BodyValues): BodyValues =>
    Object.fromEntries(Object.entries(body).map(([own, value]) => [own === name ? MADE_UP : own, value]))
  return request.kind === 'create' ? { ...request, rows: request.rows.map(rename) } : { ...request, body: rename(request.body) }
}
