/**
 * A design as its author wrote it, as far as it decides what requests must answer. Rules are taken from here and not from the model, so
 * that a fault in resolving or compiling them shows.
 */

/** A field as written. */
export interface DesignField {
  readonly type: string
  readonly optional?: boolean
  readonly read?: string
  readonly write?: string
  readonly default?: unknown
  readonly set?: string
  readonly on?: 'create' | 'write'
  readonly immutable?: boolean
  readonly within?: string
  readonly unique?: boolean | { readonly where?: string; readonly within?: string }
  readonly acyclic?: boolean
  readonly entity?: string
  readonly min?: number | string
  readonly max?: number | string
  readonly pattern?: string
  readonly precision?: number
  readonly scale?: number
  readonly values?: readonly string[]
  readonly of?: DesignField
  readonly expression?: string
  readonly as?: 'caller' | 'system'
}

/** An entity as written. */
export interface WrittenEntity {
  readonly identity?: { readonly login: string; readonly password: string; readonly role?: string; readonly takenLogin?: string }
  readonly fields: Readonly<Record<string, DesignField>>
  readonly access?: {
    readonly read?: string
    readonly create?: string
    readonly update?: string | { readonly from: string; readonly to: string }
    readonly delete?: string
  }
  readonly softDelete?: boolean
  readonly search?: readonly string[] | { readonly fields: readonly string[] }
  readonly indexes?: readonly (readonly string[])[]
  readonly checks?: Readonly<Record<string, { readonly rule: string }>>
  readonly unique?: readonly (readonly string[] | { readonly fields: readonly string[]; readonly where?: string })[]
  readonly hooks?: object
}

/** A design as written. */
export interface WrittenDesign {
  readonly name: string
  readonly rules?: Readonly<Record<string, string>>
  readonly entities: Readonly<Record<string, WrittenEntity>>
  /** Reactions, by `Entity.happening`. */
  readonly on?: Readonly<Record<string, unknown>>
  readonly workflows?: Readonly<Record<string, { readonly entity: string; readonly field: string }>>
  readonly serve?: { readonly rest?: boolean | string }
}

/** The rules of an operation, keyed by the code of the denial. */
export type AccessRule = 'read' | 'create' | 'update.from' | 'update.to' | 'delete'

/** All rules of an entity. */
export const ACCESS_RULES: readonly AccessRule[] = ['read', 'create', 'update.from', 'update.to', 'delete']

/** The author's text of a rule; null for an operation without a rule. */
export function ruleOf(entity: WrittenEntity | undefined, rule: AccessRule): string | null {
  const access = entity?.access ?? {}
  switch (rule) {
    case 'read':
    case 'create':
    case 'delete':
      return access[rule] ?? null
    case 'update.from':
    case 'update.to': {
      const { update } = access
      if (update === undefined) return null
      return typeof update === 'string' ? update : rule === 'update.from' ? update.from : update.to
    }
  }
}

/** The fields that a search looks through; empty for an entity without search. */
export function searchedFields(entity: WrittenEntity | undefined): readonly string[] {
  const search = entity?.search ?? []
  return 'fields' in search ? search.fields : search
}

/** Whether the answer to a new account hides that its login is taken, at least from some callers. */
export function answersAlike(own: WrittenEntity | undefined): boolean {
  const { identity } = own ?? {}
  if (identity === undefined || identity.takenLogin === 'conflict') return false
  return identity.takenLogin === 'accepted' || own?.fields[identity.login]?.read !== undefined || own?.access?.read !== 'true'
}

/** The unique constraints of an entity: their fields, and the condition on the rows that they are about. */
export function uniquesOf(own: WrittenEntity | undefined): readonly { readonly names: readonly string[]; readonly where: string }[] {
  const fields = Object.entries(own?.fields ?? {}).flatMap(([name, { unique = false }]) => {
    if (unique === false) return []
    const { where = 'true', within } = unique === true ? {} : unique
    return [{ names: within === undefined ? [name] : [within, name], where }]
  })
  const more = (own?.unique ?? []).map((one) =>
    'fields' in one ? { names: one.fields, where: one.where ?? 'true' } : { names: one, where: 'true' },
  )
  return [...fields, ...more]
}

const textOf = (preset: unknown): unknown =>
  typeof preset === 'object' && preset !== null && 'expression' in preset ? preset.expression : preset

/**
 * The fields whose values do not follow from the design and the request: numbers, tokens, files, and defaults and values of the server that
 * read the clock or are random.
 */
export function unforeseeable(own: WrittenEntity | undefined): ReadonlySet<string> {
  const isOpen = (source: unknown): boolean => typeof source === 'string' && /\b(now|today|uuid|random)\(/.test(source)
  return new Set(
    Object.entries(own?.fields ?? {}).flatMap(([name, field]) =>
      ['sequence', 'token', 'file'].includes(field.type) || isOpen(field.set) || isOpen(textOf(field.default)) ? [name] : [],
    ),
  )
}

/** A shorter text, or one without an operator, may also be a part of a message. */
const LEAST_RULE = 12

/** The texts of all rules, as far as nothing else has such a text. */
export function ruleTexts({ rules = {}, entities }: WrittenDesign): readonly string[] {
  const texts = Object.values(entities).flatMap((entity) => [
    ...ACCESS_RULES.map((rule) => ruleOf(entity, rule)),
    ...Object.values(entity.fields).flatMap(({ read = null, write = null }) => [read, write]),
  ])
  return [...new Set([...Object.values(rules), ...texts])].filter(
    (text): text is string => text !== null && text.length >= LEAST_RULE && /[=&|!<>(]/.test(text),
  )
}
