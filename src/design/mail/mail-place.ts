/** Resolves the texts of a mail, and the values that they show. */

import { ACTION_ROW } from '../../model/action.ts'
import type { RowPath } from '../../model/expression.ts'
import type { MailPiece, MailText, MailValue, MailVersion } from '../../model/mail.ts'
import { isToken } from '../../model/model.ts'
import type { MailTextDesign } from '../authoring/mail-design.ts'
import type { NamedValue } from '../expression/scope.ts'
import { quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import { EXPRESSION_MAX } from '../language/language-forms.ts'
import type { LogicContext } from '../logic/logic-context.ts'
import { missingMessage, neededRows, type Presence } from '../logic/step-place.ts'
import { type Standing, term } from '../outline/expressions.ts'
import { splitText } from './mail-text.ts'

/** A part of a mail, and what the texts in it may name. */
export interface MailPlace {
  readonly context: LogicContext
  /** The entity of the row that the event is about. */
  readonly entity: string
  readonly names: ReadonlyMap<string, NamedValue>
  readonly inputs: ReadonlyMap<string, NamedValue>
  /** The reaction: its place, the names that may be missing, and its condition. */
  readonly reaction: Presence & { readonly at: Path }
  /** The values that the texts show; each text adds its own. */
  readonly values: MailValue[]
  /** The languages of the mail, as its first text with languages has them. */
  readonly languages: { of: readonly string[] | null }
  readonly at: Path
}

/** The place under these keys of a place. */
export function inside(place: MailPlace, ...keys: Path): MailPlace {
  return { ...place, at: [...place.at, ...keys] }
}

/** How expressions of a mail are compiled: without a caller, with the names of the event. */
export function standingOf({ entity, names, inputs, at }: Pick<MailPlace, 'entity' | 'names' | 'inputs' | 'at'>): Standing {
  return { entity, place: 'mail', at, action: { names, inputs, binding: ACTION_ROW } }
}

/** A tag of a language (RFC 5646, without extensions). */
const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Z]{2}|\d{3}))?$/

/** Resolves a text in all of its languages. */
export function mailText(design: MailTextDesign, place: MailPlace): MailText {
  if (typeof design === 'string') return [{ language: null, pieces: piecesOf(design, place) }]
  checkLanguages(Object.keys(design), place)
  const order = place.languages.of ?? Object.keys(design)
  return order.flatMap((language): readonly MailVersion[] => {
    const source = Object.hasOwn(design, language) ? design[language] : undefined
    return source === undefined ? [] : [{ language, pieces: piecesOf(source, inside(place, language)) }]
  })
}

function checkLanguages(found: readonly string[], { at, context: { report }, languages }: MailPlace): void {
  const code = 'PLN-D642'
  for (const language of found)
    if (!LANGUAGE.test(language))
      report.add(code, [...at, language], `${quote(language)} is no language`, 'write a tag such as en, de or pt-BR')
  if (found.length === 0) report.add(code, at, 'this text has no language', 'write the text itself, or { en: … }')
  if (languages.of === null) languages.of = found
  const missing = languages.of.filter((language) => !found.includes(language))
  const more = found.filter((language) => languages.of?.includes(language) === false)
  if (missing.length > 0) report.add(code, at, `this text has no version in ${missing.join(', ')}, and an earlier text of the mail has`)
  if (more.length > 0) report.add(code, at, `this text has a version in ${more.join(', ')}, and an earlier text of the mail has none`)
}

function piecesOf(source: string, place: MailPlace): readonly MailPiece[] {
  const split = splitText(source)
  if (!split.ok) {
    place.context.report.add('PLN-D641', place.at, split.problem, split.hint)
    return []
  }
  return split.parts.flatMap((part): readonly MailPiece[] => {
    if ('text' in part) return [{ kind: 'text', text: part.text }]
    const value = shownValue(inPlace(part, source), place)
    if (value === null) return []
    place.values.push(value)
    return [{ kind: 'value', number: place.values.length - 1 }]
  })
}

/** The expression behind as much white space as there is text before it, so that findings name its line and column in the text. */
function inPlace({ expression, offset }: { readonly expression: string; readonly offset: number }, source: string): string {
  if (offset + expression.length > EXPRESSION_MAX) return expression
  return source.slice(0, offset).replace(/[^\n]/gu, (character) => ' '.repeat(character.length)) + expression
}

function shownValue(expression: string, place: MailPlace): MailValue | null {
  const token = tokenOf(expression, place)
  if (token !== null) {
    if (token.kind === 'token') reportAbsent([token.row], place)
    return token
  }
  const value = term(expression, { ...standingOf(place), expected: null }, place.context)
  if (value === null) return null
  reportAbsent(neededRows(value), place)
  return { kind: 'term', term: value, type: value.type }
}

/** Reports rows that may be missing when the mail is made, at the reaction: another one may send the same mail. */
export function reportAbsent(rows: readonly RowPath[], { context, reaction }: MailPlace): void {
  for (const row of rows) {
    const message = missingMessage(row, reaction)
    if (message !== null)
      context.report.add('PLN-D506', [...reaction.at, 'email'], `${message}, and the mail needs it`, `add when: ${row.binding} != null`)
  }
}

/** `invitation.token`, or `token` of the row itself: the secret of a row. Null for every other expression. */
function tokenOf(expression: string, place: MailPlace): MailValue | null {
  const [, path = '', field = ''] = /^\s*((?:[A-Za-z][A-Za-z0-9]*\.)*)([A-Za-z][A-Za-z0-9]*)\s*$/.exec(expression) ?? []
  const row = rowAt(
    path.split('.').filter((name) => name !== ''),
    place,
  )
  const found = row === null ? undefined : place.context.entities.get(row.entity)?.fields.find((each) => each.name === field)
  return row === null || found === undefined || !isToken(found) ? null : { kind: 'token', row, field }
}

/** The row that names lead to, the first of which may be a name of the event; null if one of them is no reference. */
function rowAt(names: readonly string[], { entity, names: known, context }: MailPlace): RowPath | null {
  const [first, ...others] = names
  const own: RowPath = { binding: ACTION_ROW, root: entity, hops: [], entity }
  const named: NamedValue | undefined = first === undefined ? undefined : known.get(first)
  const start = named?.kind === 'row' ? named.path : own
  const hops = [...start.hops]
  let reached = start.entity
  for (const name of named?.kind === 'row' ? others : names) {
    const field = context.shape.entities.get(reached)?.fields.get(name)
    if (field?.kind !== 'ref') return null
    hops.push({ field: name, entity: field.entity })
    reached = field.entity
  }
  return { ...start, hops, entity: reached }
}
