/** Indexes, unique constraints, checks and search of an entity. */

import type { Check, Entity, Index, IndexPart, Search } from '../../model/model.ts'
import { SYSTEM_FIELDS } from '../../model/names/derived-names.ts'
import { isAboutOwnRow } from '../../model/own-row.ts'
import type { FieldDesign } from '../authoring/field-design.ts'
import type { Report } from '../findings/report.ts'
import { didYouMean, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { Expressions } from '../outline/expressions.ts'
import { condition } from '../outline/expressions.ts'
import type { EntityOutline, Outline } from '../outline/outline.ts'
import { isBroken } from '../outline/outline.ts'
import { checkMemberName } from '../outline/outline-names.ts'
import { reportFarCheck } from './far-checks.ts'

/** The values that resolving the options of an entity needs. */
export interface OptionContext extends Expressions {
  readonly outline: Outline
}

/** The text search configurations that every supported PostgreSQL brings. */
const SEARCH_LANGUAGES: readonly string[] = [
  ...['simple', 'arabic', 'armenian', 'basque', 'catalan', 'danish', 'dutch', 'english', 'finnish', 'french', 'german', 'greek', 'hindi'],
  ...['hungarian', 'indonesian', 'irish', 'italian', 'lithuanian', 'nepali', 'norwegian', 'portuguese', 'romanian', 'russian', 'serbian'],
  ...['spanish', 'swedish', 'tamil', 'turkish', 'yiddish'],
]

/**
 * A field that a list of names mentions: its design, `system` for a field that Plinth maintains, null (reported) when it cannot be used.
 */
export type Named = FieldDesign | 'system' | null

/** Finds a field that a list of names mentions. A field that cannot be used is reported. */
export function lookUp(
  entity: EntityOutline,
  name: string,
  { at, context }: { readonly at: Path; readonly context: OptionContext },
): Named {
  const field = entity.fields.get(name)
  if (field !== undefined) return field.design
  if (name === 'id' || (SYSTEM_FIELDS.has(name) && (name !== 'deletedAt' || entity.design.softDelete === true))) return 'system'
  if (!isBroken(context.outline, [...entity.at, 'fields', name])) {
    const known = [...entity.fields.keys(), 'id', 'createdAt', 'updatedAt', 'version']
    context.report.add('PLN-D207', at, `unknown field ${quote(name)}${didYouMean(name, known)}`)
  }
  return null
}

/** The declared indexes. Of two equal indexes, the second is reported and left out. */
export function resolveIndexes(entity: EntityOutline, context: OptionContext): readonly Index[] {
  const seen = new Set<string>()
  return (entity.design.indexes ?? []).flatMap((names, i) => {
    const at = [...entity.at, 'indexes', i]
    const index = resolveIndex(entity, names, { at, context })
    if (index === null) return []
    const key = JSON.stringify(index.parts)
    if (seen.has(key)) context.report.add('PLN-D410', at, 'the same index is there already')
    else if (repeatsUnique(entity, index))
      context.report.add('PLN-D410', at, 'a unique constraint on the same fields serves the same lookups')
    const isNew = !seen.has(key)
    seen.add(key)
    return isNew ? [index] : []
  })
}

function repeatsUnique(entity: EntityOutline, index: Index): boolean {
  if (index.parts.some((part) => part.descending)) return false
  const fields = JSON.stringify(index.parts.map((part) => part.field))
  const declared = (entity.design.unique ?? []).some((unique) => Array.isArray(unique) && JSON.stringify(unique) === fields)
  const first = entity.fields.get(index.parts[0]?.field ?? '')?.design
  return declared || (index.parts.length === 1 && first !== undefined && 'unique' in first && first.unique === true)
}

function resolveIndex(
  entity: EntityOutline,
  names: readonly string[],
  { at, context }: { readonly at: Path; readonly context: OptionContext },
): Index | null {
  const parts: IndexPart[] = []
  let method: Index['method'] = 'btree'
  names.forEach((written, i) => {
    const descending = written.startsWith('-')
    const field = descending ? written.slice(1) : written
    const place = [...at, i]
    const named = lookUp(entity, field, { at: place, context })
    if (named === null) return
    if (context.shape.entities.get(entity.name)?.fields.get(field)?.kind === 'derived') {
      context.report.add(
        'PLN-D526',
        place,
        `computed ${quote(field)} is no column (it looks at other rows, the caller or the clock), so it cannot be indexed`,
      )
      return
    }
    const kind = named === 'system' ? 'system' : named.type
    const problem = indexProblem(kind, { position: i, descending })
    if (problem !== null) context.report.add('PLN-D214', place, `${quote(field)} ${problem}`)
    else if (parts.some((part) => part.field === field)) context.report.add('PLN-D215', place, `${quote(field)} is in the index already`)
    else parts.push({ field, descending })
    if (kind === 'list') method = 'gin'
  })
  return parts.length === names.length ? { parts, method } : null
}

function indexProblem(
  kind: FieldDesign['type'] | 'system',
  part: { readonly position: number; readonly descending: boolean },
): string | null {
  if (kind === 'password' || kind === 'token') return `is a ${kind} and cannot be indexed`
  if (kind === 'file') return 'holds a file and cannot be indexed'
  if (kind === 'json') return 'is json and cannot be indexed; index fields of their own instead'
  if (kind !== 'list') return null
  if (part.descending) return 'is a list, which has no order; remove the -'
  return part.position > 0 ? 'is a list; it must be the first field of its index' : null
}

/** The checks of an entity: those that the table tests, and those that look at the rows of to-many relations or at the items of lists. */
export function resolveChecks(entity: EntityOutline, context: OptionContext): Pick<Entity, 'checks' | 'relationChecks'> {
  const checks: Check[] = []
  const relationChecks: Check[] = []
  for (const [name, check] of Object.entries(entity.design.checks ?? {})) {
    const at = [...entity.at, 'checks', name]
    checkMemberName(name, { what: 'a check', at, report: context.report })
    const standing = { entity: entity.name, place: 'check', at: [...at, 'rule'] } as const
    const rule = condition(check.rule, standing, context)
    const { message } = check
    if (isAboutOwnRow(rule)) checks.push({ name, rule, message })
    else {
      reportFarCheck(name, rule, { ...standing, report: context.report })
      relationChecks.push({ name, rule, message })
    }
  }
  return { checks, relationChecks }
}

const SEARCHABLE: readonly string[] = ['text', 'email', 'url', 'choice']

/** The full text search of an entity; null when it has none. */
export function resolveSearch(entity: EntityOutline, context: OptionContext): Search | null {
  const { search } = entity.design
  if (search === undefined) return null
  const at = [...entity.at, 'search']
  const isShort = Array.isArray(search)
  const { fields, language = 'simple' } = isShort
    ? { fields: search as readonly string[] }
    : (search as { fields: readonly string[]; language?: string })
  const fieldsAt = isShort ? at : [...at, 'fields']
  if (!SEARCH_LANGUAGES.includes(language)) refuseLanguage(language, [...at, 'language'], context.report)
  fields.forEach((name, i) => {
    const place = [...fieldsAt, i]
    const named = lookUp(entity, name, { at: place, context })
    if (named === null) return
    if (fields.indexOf(name) < i) context.report.add('PLN-D215', place, `${quote(name)} is searched already`)
    else if (!isSearchable(named)) context.report.add('PLN-D214', place, `${quote(name)} holds no text and cannot be searched`)
  })
  return { fields, language }
}

function refuseLanguage(language: string, at: Path, report: Report): void {
  const near = didYouMean(language, SEARCH_LANGUAGES)
  report.add(
    'PLN-D223',
    at,
    `unknown search language ${quote(language)}${near}`,
    near === '' ? 'use simple, or a language such as english or german' : undefined,
  )
}

function isSearchable(named: FieldDesign | 'system'): boolean {
  if (named === 'system') return false
  return SEARCHABLE.includes(named.type === 'list' ? named.of.type : named.type)
}
