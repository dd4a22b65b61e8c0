/** The rules of a design, taken apart: what each of them promises, and the values of atoms that show it. */

import type { Truth } from '../../model/expression.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { ACCESS_RULES, type AccessRule, ruleOf, type WrittenDesign } from '../expected/written-design.ts'
import { isComplete, possibleValues } from '../rules/atom-facts.ts'
import { type ParsedRule, parseRule } from '../rules/rule-tree.ts'

/** What a rule is about: an operation, or a field that is read or written. */
export type RuleUse =
  | { readonly kind: 'operation'; readonly rule: AccessRule }
  | { readonly kind: 'field'; readonly field: string; readonly of: 'read' | 'write' }

/** A rule of the design. */
export interface RuleClaim {
  /** `access/Post.read`, `access/Post.update.from`, `access/User.email.read`. */
  readonly id: string
  readonly entity: string
  readonly use: RuleUse
  /** Where the design has the rule: `entities.Post.access.read`. */
  readonly path: readonly string[]
  readonly parsed: ParsedRule
  /** The truths that the types of each atom allow. */
  readonly possible: readonly (readonly Truth[])[]
  /** Whether the values of a world reach every truth of every atom. */
  readonly complete: boolean
}

/** An atom with one of its values. A case shows it if the atom has the value there and decides. */
export interface AtomValue {
  readonly atom: number
  readonly value: Truth
}

/** Every rule of the design that has atoms, in the order of the design. */
export function ruleClaims(design: WrittenDesign, model: Model): readonly RuleClaim[] {
  return model.entities.flatMap(({ name }) => {
    const own = design.entities[name]
    const rules = ACCESS_RULES.flatMap((rule) => {
      const source = ruleOf(own, rule)
      const isSingle = typeof own?.access?.update === 'string'
      const path = ['entities', name, 'access', ...(rule.startsWith('update') && isSingle ? ['update'] : rule.split('.'))]
      return source === null ? [] : [{ use: { kind: 'operation', rule } as const, source, path, id: `access/${name}.${rule}` }]
    })
    const fields = Object.entries(own?.fields ?? {}).flatMap(([field, written]) =>
      (['read', 'write'] as const).flatMap((of) => {
        const source = written[of]
        const path = ['entities', name, 'fields', field, of]
        // No case has an upload for a file.
        return source === undefined || (of === 'write' && written.type === 'file')
          ? []
          : [{ use: { kind: 'field', field, of } as const, source, path, id: `access/${name}.${field}.${of}` }]
      }),
    )
    return [...rules, ...fields].flatMap((one) => claimOf(design, model, { ...one, entity: name }))
  })
}

interface Found extends Pick<RuleClaim, 'id' | 'entity' | 'use' | 'path'> {
  readonly source: string
}

function claimOf(design: WrittenDesign, model: Model, { source, ...found }: Found): readonly RuleClaim[] {
  const entity = entityNamed(model, found.entity)
  const members = [...entity.fields, ...entity.derived, ...entity.relations].map(({ name }) => name)
  const parsed = parseRule(source, (name) => (members.includes(name) ? undefined : design.rules?.[name]))
  if (parsed.atoms.length === 0) return []
  const place = { design, model, entity: found.entity }
  const possible = parsed.atoms.map(({ node }) => possibleValues(node, place))
  return [{ ...found, parsed, possible, complete: parsed.atoms.every(({ node }) => isComplete(node, place)) }]
}

/** The values of the atoms of a rule that their types allow. */
export function atomValuesOf({ possible }: RuleClaim): readonly AtomValue[] {
  return possible.flatMap((values, atom) => values.map((value) => ({ atom, value })))
}

/** The value of an atom as text: `author.id==auth.id/false`. */
export function atomValueName({ parsed }: RuleClaim, { atom, value }: AtomValue): string {
  return `${parsed.atoms[atom]?.name}/${value === null ? 'unknown' : value}`
}
