/**
 * Checks the structure of a document against the language. Finds all problems at once. Faulty parts are left out of the result, so that
 * later checks see only well-formed parts and report no consequences of these problems.
 */

import { isObject } from '../../base/is-object.ts'
import { codePoints } from '../../base/text-values.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Design } from '../authoring/design.ts'
import type { Plain, PlainObject } from '../authoring/plain.ts'
import { spanMs } from '../authoring/span.ts'
import type { Report } from '../findings/report.ts'
import { didYouMean, either, quote } from '../findings/report.ts'
import type { Path } from '../findings/source.ts'
import type { Form, KeyedForm, ListForm, MapForm, ObjectForm, TaggedForm } from '../language/form.ts'
import { DESIGN } from '../language/language.ts'
import { EXPRESSION_MAX, TREE_MAX } from '../language/language-forms.ts'
import { accepts } from './accepts.ts'
import { firstExample, formName, found, guess, KEY_SYNONYMS, quotesHint, show } from './check-words.ts'

/**
 * A design whose structure has been checked. `broken` holds the paths (JSON) of named things that exist but could not be used, `dropped`
 * those of the values of known keys.
 */
export interface CheckedDesign {
  readonly design: Design
  readonly broken: ReadonlySet<string>
  readonly dropped: ReadonlySet<string>
}

/** The place of a value: its path, an example of a valid value, and the report for findings. */
interface CheckPlace {
  readonly path: Path
  readonly example: unknown
  readonly report: Report
  readonly broken: Set<string>
  readonly dropped: Set<string>
}

/** Checks a document. Null when it has no entities that could be checked further. */
export function checkDesign(document: Plain, report: Report): CheckedDesign | null {
  const broken = new Set<string>()
  const dropped = new Set<string>()
  const place = { path: [], example: undefined, report, broken, dropped }
  if (!isObject(document)) return wrong(DESIGN, document, place) ?? null
  const design = checkKeys(DESIGN, document, place)
  hasRequired(DESIGN, document, design, place)
  // a design without a name can be checked further; one without entities cannot
  return Object.hasOwn(design, 'entities') ? { design: { name: '', ...design } as unknown as Design, broken, dropped } : null
}

/** The value without its faulty parts; undefined when nothing of it can be used. */
function check(form: Form, value: Plain, place: CheckPlace): Plain | undefined {
  switch (form.kind) {
    case 'object':
      return isObject(value) ? checkObject(form, value, place) : wrong(form, value, place)
    case 'map':
      return isObject(value) ? checkMap(form, value, place) : wrong(form, value, place)
    case 'list':
      return Array.isArray(value) ? checkList(form, value, place) : wrong(form, value, place)
    case 'tagged':
      return isObject(value) ? checkTagged(form, value, place) : wrong(form, value, place)
    case 'keyed':
      return isObject(value) ? checkKeyed(form, value, place) : wrong(form, value, place)
    case 'tree':
      return checkTree(value, place)
    case 'either': {
      const fitting = form.of.find((f) => accepts(f, value))
      return fitting === undefined ? wrong(form, value, place) : check(fitting, value, place)
    }
    default:
      return checkScalar(form, value, place)
  }
}

type ScalarForm = Exclude<Form, { kind: 'object' | 'map' | 'list' | 'tagged' | 'keyed' | 'either' | 'tree' }>

function checkScalar(form: ScalarForm, value: Plain, place: CheckPlace): Plain | undefined {
  if (!accepts(form, value)) return wrong(form, value, place)
  const problem = scalarProblem(form, value)
  if (problem === null) return value
  place.report.add(problem.code, place.path, problem.message)
  return undefined
}

function scalarProblem(form: ScalarForm, value: Plain): { code: 'PLN-D104' | 'PLN-D105' | 'PLN-D106'; message: string } | null {
  switch (form.kind) {
    case 'text': {
      const text = String(value)
      if (text === '' && form.empty !== true) return { code: 'PLN-D106', message: 'expected text, found an empty one' }
      if (codePoints(text) > form.max) return { code: 'PLN-D105', message: `longer than ${form.max} characters` }
      if (form.pattern === undefined || new RegExp(form.pattern.source, 'u').test(text)) return null
      return { code: 'PLN-D106', message: `expected ${form.pattern.says}${form.pattern.secret === true ? '' : `, found ${quote(text)}`}` }
    }
    case 'value':
    case 'expression':
      return codePoints(String(value)) > EXPRESSION_MAX ? { code: 'PLN-D105', message: `longer than ${EXPRESSION_MAX} characters` } : null
    case 'span':
      if (spanMs(String(value)) !== null) return null
      return { code: 'PLN-D106', message: `expected a length of time such as "50ms", "30s", "5m", "2h" or "90d", found ${show(value)}` }
    case 'integer': {
      const n = Number(value)
      if (n >= form.min && n <= form.max) return null
      return { code: 'PLN-D105', message: `expected a whole number from ${form.min} to ${form.max}, found ${show(value)}` }
    }
    case 'enum': {
      const text = String(value)
      if (form.values.includes(text)) return null
      return {
        code: 'PLN-D104',
        message: `expected ${either(form.values.map(quote))}, found ${quote(text)}${didYouMean(text, form.values)}`,
      }
    }
    case 'null':
    case 'boolean':
    case 'number':
    case 'code':
    case 'json':
      return null
    default:
      return unreachable(form)
  }
}

/** Checks an object. `form.tag` is the key that names the case, if the object is a case of a tagged form. */
function checkObject(form: ObjectForm & { readonly tag?: string }, value: PlainObject, place: CheckPlace): PlainObject | undefined {
  const result = checkKeys(form, value, place)
  return hasRequired(form, value, result, place) ? result : undefined
}

/** The keys that can be used. */
function checkKeys(form: ObjectForm & { readonly tag?: string }, value: PlainObject, place: CheckPlace): PlainObject {
  const result: Record<string, Plain> = {}
  for (const [name, item] of Object.entries(value)) {
    if (place.report.full()) break
    if (name === form.tag) {
      result[name] = item
      continue
    }
    const key = Object.hasOwn(form.keys, name) ? form.keys[name] : undefined
    const path = [...place.path, name]
    if (key === undefined) {
      place.dropped.add(JSON.stringify(path))
      const known = form.tag === undefined ? Object.keys(form.keys) : [form.tag, ...Object.keys(form.keys)]
      unknownKey(name, known, { place: { ...place, path }, isRest: item === null && /[\s()]/.test(name) })
      continue
    }
    const checked = check(key.form, item, { ...place, path, example: key.example })
    if (checked === undefined) place.dropped.add(JSON.stringify(path))
    else result[name] = checked
  }
  return result
}

/** Reports missing required keys. Returns false when one is missing or unusable. */
function hasRequired(form: ObjectForm, value: PlainObject, result: PlainObject, place: CheckPlace): boolean {
  let complete = true
  for (const [name, key] of Object.entries(form.keys)) {
    if (!key.required || Object.hasOwn(result, name)) continue
    complete = false
    if (!Object.hasOwn(value, name))
      place.report.add('PLN-D103', place.path, `the key ${quote(name)} is missing`, `write ${name}: ${show(key.example)}`)
  }
  return complete
}

/** `isRest`: the key is what stands behind a comma of a text without quotes in `{ }`. */
function unknownKey(
  name: string,
  known: readonly string[],
  { place, isRest }: { readonly place: CheckPlace; readonly isRest: boolean },
): void {
  const near = guess(name, known, KEY_SYNONYMS)
  const keys = known.length === 0 ? 'there are no keys here' : `the keys here are ${known.join(', ')}`
  const hint = isRest ? 'a text with a comma needs quotes within { }' : near === '' ? keys : undefined
  place.report.add('PLN-D101', place.path, `unknown key ${quote(name)}${isRest ? '' : near}`, hint)
}

function checkMap(form: MapForm, value: PlainObject, place: CheckPlace): PlainObject {
  const entries = Object.entries(value)
  if (entries.length > form.max) place.report.add('PLN-D107', place.path, `${entries.length} entries; at most ${form.max} are possible`)
  const result: Record<string, Plain> = {}
  for (const [name, item] of entries.slice(0, form.max)) {
    if (place.report.full()) break
    const path = [...place.path, name]
    const checked = check(form.of, item, { ...place, path, example: firstExample(place.example) })
    if (checked === undefined) place.broken.add(JSON.stringify(path))
    else result[name] = checked
  }
  return result
}

function checkList(form: ListForm, value: readonly Plain[], place: CheckPlace): readonly Plain[] | undefined {
  if (value.length < form.min || value.length > form.max) {
    const range = value.length < form.min ? `at least ${form.min}` : `at most ${form.max}`
    place.report.add(
      'PLN-D107',
      place.path,
      `expected ${range} ${form.min === 1 && value.length < 1 ? 'entry' : 'entries'}, found ${value.length}`,
    )
    return undefined
  }
  const result: Plain[] = []
  value.forEach((item, i) => {
    const checked = place.report.full()
      ? undefined
      : check(form.of, item, { ...place, path: [...place.path, i], example: firstExample(place.example) })
    if (checked !== undefined) result.push(checked)
  })
  return result.length === value.length ? result : undefined
}

function checkTagged(form: TaggedForm, value: PlainObject, place: CheckPlace): Plain | undefined {
  const names = Object.keys(form.cases)
  const tag = Object.hasOwn(value, form.tag) ? value[form.tag] : undefined
  if (tag === undefined) {
    place.report.add('PLN-D103', place.path, `the key ${quote(form.tag)} is missing`, `it is one of ${names.join(', ')}`)
    return undefined
  }
  const found = typeof tag === 'string' && Object.hasOwn(form.cases, tag) ? form.cases[tag] : undefined
  if (found === undefined) {
    const near = typeof tag === 'string' ? guess(tag, names, form.synonyms ?? {}) : ''
    place.report.add(
      'PLN-D104',
      [...place.path, form.tag],
      `unknown ${form.tag} ${show(tag)}${near}`,
      near === '' ? `it is one of ${names.join(', ')}` : undefined,
    )
    return undefined
  }
  return checkObject({ ...found, tag: form.tag }, value, place)
}

function checkKeyed(form: KeyedForm, value: PlainObject, place: CheckPlace): Plain | undefined {
  const names = Object.keys(form.cases)
  const [name, other] = names.filter((n) => Object.hasOwn(value, n))
  const found = name === undefined ? undefined : form.cases[name]
  if (found === undefined) noCase(form, value, place)
  else if (other !== undefined && form.codes !== undefined)
    place.report.add(form.codes.several, place.path, `a step has one verb, and this has ${name} and ${other}`, 'write two steps')
  else if (other !== undefined && found.kind === 'object' && !Object.hasOwn(found.keys, other))
    place.report.add(
      'PLN-D101',
      [...place.path, other],
      `one object has one of ${names.join(', ')}, and this has ${name} and ${other}`,
      'write two of them',
    )
  else return found.kind === 'tagged' ? checkTagged(found, value, place) : checkObject(found, value, place)
  return undefined
}

/** Reports an object that has none of the keys that name a case. */
function noCase(form: KeyedForm, value: PlainObject, place: CheckPlace): void {
  const names = Object.keys(form.cases)
  const [first = ''] = Object.keys(value)
  const misspelt = Object.keys(value).find((key) => guess(key, names, KEY_SYNONYMS) !== '')
  if (form.codes === undefined && misspelt !== undefined)
    unknownKey(misspelt, names, { place: { ...place, path: [...place.path, misspelt] }, isRest: false })
  else if (form.codes === undefined)
    place.report.add('PLN-D103', place.path, `one of the keys ${names.join(', ')} is missing`, `write ${show(place.example)}`)
  else if (first === '')
    place.report.add('PLN-D501', place.path, 'a step needs a verb, and this has none', `it is one of ${names.join(', ')}`)
  else {
    const near = guess(first, names, form.synonyms ?? {})
    const hint = near === '' ? `the first key is one of ${names.join(', ')}` : undefined
    place.report.add(form.codes.none, [...place.path, first], `unknown step ${quote(first)}${near}`, hint)
  }
}

/** Checks a JSON tree. A part that cannot be used makes the whole unusable. */
function checkTree(value: Plain, place: CheckPlace): Plain | undefined {
  if (!isObject(value)) return checkScalar({ kind: 'value' }, value, place)
  return checkMap({ kind: 'map', of: { kind: 'tree' }, max: TREE_MAX }, value, { ...place, example: undefined })
}

function wrong(form: Form, value: Plain, place: CheckPlace): undefined {
  const example = place.example === undefined ? '' : ` such as ${show(place.example)}`
  place.report.add('PLN-D102', place.path, `expected ${formName(form)}${example}, found ${found(value)}`, quotesHint(form, value))
  return undefined
}
