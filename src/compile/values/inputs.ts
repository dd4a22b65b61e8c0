/** Decides which values a caller may send to write a row, once for an entity, an operation and a set of writable fields. */

import { type Entity, type Field, isMaintained } from '../../model/model.ts'

/** How a body is read: all of a new row, some fields of a row, or all fields of a row. */
export type WriteOperation = 'create' | 'patch' | 'put'

/** The facts that determine the shape of a body. */
export interface InputRequest {
  readonly operation: WriteOperation
  /** Names of the fields that this caller may set in some state; every other name counts as unknown. */
  readonly writable: Iterable<string>
  /** Names of the fields that this caller may read on some row; none by default. */
  readonly readable?: Iterable<string>
  /** Names of relations whose rows a creation may contain; none by default. */
  readonly children?: Iterable<string>
  /** A field that Plinth fills in; the body does not contain it. */
  readonly filled?: string
}

/** The shape of a body. It is immutable, so it can be kept with the view of the caller. */
export interface Input {
  readonly operation: WriteOperation
  /** Fields that the body may hold, in the order of the design. */
  readonly fields: ReadonlyMap<string, Field>
  /** Relations whose rows the body may contain, each as a list of bodies. */
  readonly children: ReadonlySet<string>
  /** Fields that the body must hold. */
  readonly required: readonly string[]
  /**
   * For other writes than a creation: fields that are writable at creation only. They are refused by name, because the caller knows them.
   */
  readonly immutable: ReadonlySet<string>
  /** Fields that this caller may read and nobody may send, as the server maintains them. They are refused by name. */
  readonly maintained: ReadonlySet<string>
  /** Required fields of a new row that this caller may not set. If there are any, the caller can create no row. */
  readonly withheld: readonly string[]
}

/**
 * The shape of a body for a caller who may set the fields `writable`. A creation must hold every field that is not optional and has no
 * default; so must a replacement, except passwords and files: a client cannot send back what it reads of them, so a replacement without
 * one keeps it. Computed fields and fields that Plinth maintains are never part of a body.
 */
export function inputOf(entity: Entity, request: InputRequest): Input {
  const { operation, filled } = request
  const writable = new Set(request.writable)
  const stored = entity.fields.filter((field) => isStored(field) && field.name !== filled)
  const settable = stored.filter((field) => writable.has(field.name))
  const isOpen = (field: Field): boolean => operation === 'create' || !field.immutable
  const fields = settable.filter(isOpen)
  return {
    operation,
    fields: new Map(fields.map((field) => [field.name, field])),
    children: new Set(request.children),
    required: fields.filter((field) => isRequired(field, operation)).map((field) => field.name),
    immutable: new Set(settable.filter((field) => !isOpen(field)).map((field) => field.name)),
    maintained: new Set([...(request.readable ?? [])].filter((name) => isMaintainedName(entity, name))),
    withheld: operation === 'create' ? stored.filter((f) => isRequired(f, operation) && !writable.has(f.name)).map((f) => f.name) : [],
  }
}

/** A readable name that is no field of the row is that of a field that is computed when it is read. */
function isMaintainedName(entity: Entity, name: string): boolean {
  const field = entity.fields.find((one) => one.name === name)
  return field === undefined || isMaintained(field)
}

function isStored(field: Field): boolean {
  return field.type.kind !== 'computed' && field.system === null
}

/** Whether a replacement that leaves the field out keeps its value. */
export function isKept({ type }: Field): boolean {
  return type.kind === 'password' || type.kind === 'file'
}

function isRequired(field: Field, operation: WriteOperation): boolean {
  if (operation === 'patch' || (operation === 'put' && isKept(field))) return false
  return !field.optional && field.default === null
}
