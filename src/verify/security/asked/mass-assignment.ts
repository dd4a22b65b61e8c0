/** F203: fields that no body may set, sent through each way to write. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type RowVerb, requestAnswered } from '../../cases/usual-request.ts'
import { type AbstractRequest, type BodyValues, httpRequestOf } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { guardedFields } from '../doors/guarded-fields.ts'
import { keptFields } from '../everywhere/kept-fields.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'
import { assignedElsewhere } from './assigned-elsewhere.ts'
import { type AssignedKey, keysOf } from './assigned-keys.ts'

/** A name that no design has. */
const MADE_UP = 'nothingOfThisName'

/** The claim about an entity: system fields, fields that the server sets, computed ones, and usual names. */
export function massAssignment(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const probes = (['create', 'update', 'replace'] as const).flatMap((verb) => probesOf(asking, entity, verb))
  return familyOf(
    {
      of: 'F203',
      entity: entity.name,
      claim: `No body sets a field of ${entity.name} that the backend keeps itself (OWASP API3).`,
      text: 'each such name through each way to write (create, create of many, patch, put, transactions, GraphQL, nested rows, registering); the answer is that for a made-up name, and no row changes; a replacement leaves alone what its caller may not set and did not send',
    },
    [...probes, ...assignedElsewhere(asking, entity), ...guardedFields(asking, entity), ...keptFields(asking, entity)],
  )
}

function probesOf(asking: PlannedWorld, entity: Entity, verb: Extract<RowVerb, 'create' | 'update' | 'replace'>): readonly SecurityProbe[] {
  const { reference } = asking
  const usual = requestAnswered(asking, { entity, verb, statuses: [200, 201] })
  if (usual === null) return []
  const { user, request } = usual
  const written = reference.design.entities[entity.name]?.fields ?? {}
  const keys = keysOf(asking, entity, { verb, user }).filter(({ name }) => [undefined, 'false'].includes(written[name]?.write))
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

type Write = Extract<AbstractRequest, { kind: 'create' | 'update' }>

function waysOf(request: AbstractRequest, { name, value }: AssignedKey): readonly (readonly [string, Write])[] {
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

function renamed(request: Write, { name }: AssignedKey): Write {
  const rename = (body: BodyValues): BodyValues =>
    Object.fromEntries(Object.entries(body).map(([own, value]) => [own === name ? MADE_UP : own, value]))
  return request.kind === 'create' ? { ...request, rows: request.rows.map(rename) } : { ...request, body: rename(request.body) }
}
