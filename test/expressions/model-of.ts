/**
 * Makes small models for tests of single stages, without a design file or the resolver. Only the expression compiler compiles the rules.
 */

import { compilePredicate } from '../../src/design/expression/compile.ts'
import type { FieldShape, Shape } from '../../src/design/expression/shape.ts'
import type { Claim } from '../../src/model/caller.ts'
import { ALWAYS, listType, NEVER, type Predicate, scalarType } from '../../src/model/expression.ts'
import type { FieldType } from '../../src/model/field-type.ts'
import type { Entity, Field, Model, Relation } from '../../src/model/model.ts'
import { storedScalar } from '../../src/model/model.ts'
import type { ScalarKind } from '../../src/model/scalar.ts'

export interface ModelSpec {
  readonly entities: Readonly<Record<string, EntitySpec>>
  /** Fields of the identity entity by claim name. */
  readonly claims?: Readonly<Record<string, string>>
  readonly identity?: string
  readonly rules?: Readonly<Record<string, string>>
}

export interface EntitySpec {
  /** `text`, `integer?` (optional), `choice a b`, `list text`, `ref User posts` (with its inverse), `password`. */
  readonly fields: Readonly<Record<string, string>>
  readonly read?: string
  readonly update?: string
  readonly delete?: string
  /** Field-level read rules. */
  readonly fieldRead?: Readonly<Record<string, string>>
  readonly softDelete?: boolean
}

/** Builds the model. @throws Error with all problems when a rule does not compile. */
export function modelOf(spec: ModelSpec): Model {
  const shape = shapeOfSpec(spec)
  const entities = Object.entries(spec.entities).map(([name, entity]) => entityOf(spec, shape, { name, spec: entity }))
  return {
    name: 'test',
    description: null,
    mail: null,
    webhooks: [],
    broker: null,
    httpServices: [],
    acceptedBackends: [],
    entities,
    identity:
      spec.identity === undefined
        ? null
        : {
            entity: spec.identity,
            login: 'email',
            password: 'password',
            role: null,
            takenLogin: null,
            token: { scheme: 'Bearer', lastsSeconds: 900, cookie: null },
          },
    claims: claimsOf(spec),
    actions: [],
    codes: [],
    errors: null,
    failurePage: null,
    workflows: [],
    jobs: [],
    schedules: [],
    shapes: [],
    routes: null,
    contract: null,
    events: [],
    pending: [],
    served: { rest: '/api', graphql: true },
    targets: { rows: new Map(), p99Ms: null, throughput: null },
    requirements: [],
    scenarios: [],
  }
}

/** The names that expressions of the model may use, with its named rules. */
export function shapeOfSpec(spec: ModelSpec): Shape {
  const entities = Object.entries(spec.entities).map(([name, entity]) => {
    const fields = new Map<string, FieldShape>([['id', { kind: 'value', type: scalarType('uuid'), optional: false, choices: null }]])
    for (const [field, words] of Object.entries(entity.fields)) fields.set(field, fieldShape(words))
    const relations = new Map(relationsOf(spec, name).map((r) => [r.name, { entity: r.entity, via: r.via }]))
    return [name, { name, fields, relations }] as const
  })
  const claims = claimsOf(spec).map((claim) => {
    const field = identityFields(spec)[claim.field]
    const choices = field?.startsWith('choice') ? field.split(' ').slice(1) : null
    return [claim.name, { ...scalarType(claim.scalar), choices }] as const
  })
  return { entities: new Map(entities), claims: new Map(claims), rules: new Map(Object.entries(spec.rules ?? {})) }
}

/** Compiles a rule about a row of an entity, with everything in scope. @throws Error with all problems. */
export function ruleOf(shape: Shape, entity: string, source: string): Predicate {
  const compiled = compilePredicate(source, { shape, entity, input: true, relations: true, auth: true, clock: true })
  if (compiled.ok) return compiled.value
  throw new Error(`${source}: ${compiled.problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.message}`).join('; ')}`)
}

function identityFields(spec: ModelSpec): Readonly<Record<string, string>> {
  return { id: 'uuid', ...spec.entities[spec.identity ?? '']?.fields }
}

function claimsOf(spec: ModelSpec): readonly Claim[] {
  return Object.entries(spec.claims ?? {}).map(([name, field]) => ({
    name,
    field,
    scalar: storedScalar(fieldType(identityFields(spec)[field] ?? 'text').type),
  }))
}

function fieldType(words: string): { readonly type: FieldType; readonly optional: boolean } {
  const optional = words.includes('?')
  const [kind = '', ...rest] = words.replace('?', '').split(' ')
  const scalar = (name: string): Extract<FieldType, { kind: 'scalar' }> => ({
    kind: 'scalar',
    scalar: name as ScalarKind,
    min: null,
    max: null,
    pattern: null,
    precision: null,
  })
  if (kind === 'choice') return { type: { kind: 'choice', values: rest }, optional }
  if (kind === 'list') return { type: { kind: 'list', of: scalar(rest[0] ?? 'text'), min: null, max: 100 }, optional }
  if (kind === 'password') return { type: { kind: 'password', min: 8, max: 100, pattern: null }, optional }
  if (kind === 'ref') {
    return {
      type: { kind: 'ref', entity: rest[0] ?? '', inverse: rest[1] ?? null, onDelete: 'cascade', acyclic: false, scalar: 'uuid' },
      optional,
    }
  }
  return { type: scalar(kind), optional }
}

function fieldShape(words: string): FieldShape {
  const { type, optional } = fieldType(words)
  if (type.kind === 'password') return { kind: 'hidden', of: 'password' }
  if (type.kind === 'ref') return { kind: 'ref', entity: type.entity, type: scalarType('uuid'), optional }
  const stored = storedScalar(type)
  const choices = type.kind === 'choice' ? type.values : null
  return { kind: 'value', type: type.kind === 'list' ? listType(stored) : scalarType(stored), optional, choices }
}

function relationsOf(spec: ModelSpec, target: string): readonly Relation[] {
  return Object.entries(spec.entities).flatMap(([entity, { fields }]) =>
    Object.entries(fields).flatMap(([via, words]) => {
      const { type } = fieldType(words)
      return type.kind === 'ref' && type.entity === target && type.inverse !== null ? [{ name: type.inverse, entity, via }] : []
    }),
  )
}

function entityOf(spec: ModelSpec, shape: Shape, { name, spec: entity }: { readonly name: string; readonly spec: EntitySpec }): Entity {
  const rule = (source: string | undefined): Predicate => (source === undefined ? NEVER : ruleOf(shape, name, source))
  const fields = [
    fieldOf('id', 'uuid', ALWAYS),
    ...Object.entries(entity.fields).map(([field, words]) => {
      const source = entity.fieldRead?.[field]
      return fieldOf(field, words, words.startsWith('password') ? NEVER : source === undefined ? ALWAYS : ruleOf(shape, name, source))
    }),
    ...(entity.softDelete === true ? [{ ...fieldOf('deletedAt', 'timestamp?', NEVER), system: 'deletedAt' as const }] : []),
  ]
  const update = rule(entity.update)
  return {
    name,
    description: null,
    path: `${name.toLowerCase()}s`,
    table: `${snake(name)}s`,
    fields,
    relations: relationsOf(spec, name),
    access: {
      read: rule(entity.read),
      create: NEVER,
      update: { from: update, to: update },
      delete: rule(entity.delete),
      source: { read: entity.read ?? null, create: null, update: entity.update ?? null, delete: entity.delete ?? null },
    },
    indexes: [],
    derived: [],
    relationChecks: [],
    hooks: [],
    conditionalUniques: [],
    uniques: [],
    checks: [],
    search: null,
    softDelete: entity.softDelete ?? false,
    was: null,
  }
}

function fieldOf(name: string, words: string, read: Predicate): Field {
  const { type, optional } = fieldType(words)
  return {
    name,
    column: type.kind === 'ref' ? `${snake(name)}_id` : snake(name),
    description: null,
    type,
    optional,
    default: null,
    immutable: false,
    read,
    write: ALWAYS,
    writeSource: null,
    private: false,
    was: null,
    system: name === 'id' ? 'id' : null,
  }
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '_'}${letter.toLowerCase()}`)
}
