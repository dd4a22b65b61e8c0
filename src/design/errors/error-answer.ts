/** Resolves `errors.answer`: the JSON tree that is the body of every failure. */

import type { ErrorTree } from '../../model/errors/error-format.ts'
import type { AnswerDesign, AnswerObject } from '../authoring/logic-design.ts'
import { answerList } from '../outline/answer-list.ts'
import { type ErrorPlace, errorTerm, itemType } from './error-term.ts'

/** Resolves the tree; a part with an error becomes null, with findings. */
export function resolveErrorAnswer(design: AnswerDesign, place: ErrorPlace): ErrorTree {
  if (typeof design === 'string') return leaf(design, place)
  if (typeof design === 'number' && !Number.isSafeInteger(design)) return refusedNumber(place)
  if (typeof design === 'number') return { kind: 'value', value: { kind: 'constant', type: 'integer', value: design } }
  if (typeof design === 'boolean') return { kind: 'value', value: { kind: 'constant', type: 'boolean', value: design } }
  if (design === null) return NOTHING
  if ('each' in design || 'is' in design) return list(design, place)
  const members = Object.entries(design).map(([name, part]) => ({ name, of: resolveErrorAnswer(part, under(place, name)) }))
  return { kind: 'object', members }
}

const NOTHING: ErrorTree = { kind: 'value', value: { kind: 'constant', type: 'null', value: null } }

function under(place: ErrorPlace, key: string): ErrorPlace {
  return { ...place, at: [...place.at, key] }
}

function refusedNumber(place: ErrorPlace): ErrorTree {
  place.report.add('PLN-D598', place.at, 'a number in errors.answer must be whole')
  return NOTHING
}

function leaf(source: string, place: ErrorPlace): ErrorTree {
  const value = errorTerm(source, place)
  return value === null ? NOTHING : { kind: 'value', value }
}

/** `{ each: p in problems, is: … }`, with `key` an object. */
function list(design: AnswerObject, place: ErrorPlace): ErrorTree {
  const read = answerList(design, place, 'use { each: p in problems, key: p.name, is: p.messages }')
  if (read === null) return NOTHING
  const { name, key, is } = read
  const over = errorTerm(read.over, under(place, 'each'))
  if (over === null) return NOTHING
  const item = itemType(over.type)
  if (item === null) {
    place.report.add('PLN-D598', [...place.at, 'each'], 'each goes through problems, or the messages of one', 'use each: p in problems')
    return NOTHING
  }
  const inner: ErrorPlace = { ...place, names: new Map([...place.names, [name, item]]) }
  return { kind: 'list', each: name, in: over, key: keyOf(key, inner), of: resolveErrorAnswer(is, under(inner, 'is')) }
}

function keyOf(key: AnswerDesign | undefined, place: ErrorPlace) {
  if (key === undefined) return null
  const at = under(place, 'key')
  const term = typeof key === 'string' ? errorTerm(key, at) : null
  if (term?.type === 'text' || (term === null && typeof key === 'string')) return term
  at.report.add('PLN-D598', at.at, 'the key of a part is a text', 'write key: p.name')
  return null
}
