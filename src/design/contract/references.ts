/** References (`$ref`) inside a contract: JSON pointers to other parts of the same document (RFC 6901). */

import { isObject } from '../../base/is-object.ts'
import { unescapedPart } from '../../base/texts/json-pointer.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Path, SourceDocument } from '../findings/source.ts'

/** A contract that is being read. */
export interface ContractReading {
  readonly document: SourceDocument
  readonly report: Report
  /** What has a finding already: references by their text, and schemas by their place. */
  readonly reported: Set<string>
}

/** A part of a contract, and the keys that lead to it. */
export interface Part {
  readonly value: unknown
  readonly path: Path
}

/** An object of a contract, and the keys that lead to it. */
export interface ObjectPart extends Part {
  readonly value: Readonly<Record<string, unknown>>
}

const MAX_STEPS = 20

/** The member of an object; undefined if there is none. */
export function memberOf({ value, path }: ObjectPart, key: string): Part | undefined {
  return Object.hasOwn(value, key) && value[key] !== undefined ? { value: value[key], path: [...path, key] } : undefined
}

/** The members of an object under a key; none if there is no such object. */
export function membersOf(part: ObjectPart, key: string): readonly (readonly [string, Part])[] {
  const found = memberOf(part, key)
  if (found === undefined || !isObject(found.value)) return []
  return Object.entries(found.value).map(([name, value]) => [name, { value, path: [...found.path, name] }] as const)
}

/** The items of a list under a key; none if there is no such list. */
export function itemsOf(part: ObjectPart, key: string): readonly Part[] {
  const found = memberOf(part, key)
  if (found === undefined || !Array.isArray(found.value)) return []
  return found.value.map((value: unknown, i) => ({ value, path: [...found.path, i] }))
}

/** The object that a part is or refers to; null, with a finding, for anything else. */
export function objectAt(reading: ContractReading, part: Part): ObjectPart | null {
  const target = followed(reading, part)
  if (target === null) return null
  if (isObject(target.value)) return { value: target.value, path: target.path }
  const at = reading.document.at(target.path)
  reading.report.addAt('PLN-D580', at, 'expected an object here', 'write it as OpenAPI 3 describes')
  return null
}

/** The part that a part refers to, through any number of references, or the part itself; null, with a finding, if there is none. */
export function followed(reading: ContractReading, part: Part): Part | null {
  let at = part
  for (let steps = 0; ; steps++) {
    const target = isObject(at.value) && typeof at.value.$ref === 'string' ? at.value.$ref : null
    if (target === null) return at
    const found = steps < MAX_STEPS ? pointedTo(reading.document.value, target) : null
    if (found !== null) at = found
    else return refuse(reading, { target, path: at.path, steps })
  }
}

function refuse(
  { document, report, reported }: ContractReading,
  { target, path, steps }: { readonly target: string; readonly path: Path; readonly steps: number },
): null {
  if (reported.has(target)) return null
  reported.add(target)
  const at = document.at([...path, '$ref'])
  const name = quote(target)
  if (steps >= MAX_STEPS) report.addAt('PLN-D581', at, `${name} is part of a circle of references`, 'write one of the parts out')
  else if (target.startsWith('#')) report.addAt('PLN-D581', at, `${name} leads to nothing in this document`, 'correct the reference')
  else report.addAt('PLN-D581', at, `${name} leads to another document`, 'put everything into one document, for example with a bundler')
  return null
}

/** The part at a JSON pointer such as `#/components/schemas/Article`; null if there is none. */
export function pointedTo(document: unknown, pointer: string): Part | null {
  if (pointer !== '#' && !pointer.startsWith('#/')) return null
  const path: (string | number)[] = []
  let value = document
  for (const key of pointer.slice(1).split('/').slice(1).map(unescaped)) {
    if (Array.isArray(value)) {
      const index = Number(key)
      if (!/^\d{1,9}$/.test(key) || index >= value.length) return null
      path.push(index)
      value = value[index]
    } else {
      if (!isObject(value) || !Object.hasOwn(value, key)) return null
      path.push(key)
      value = value[key]
    }
  }
  return { value, path }
}

/** The name in a token of a URI fragment: the percent-encoding is decoded first (RFC 6901 section 6). */
function unescaped(token: string): string {
  try {
    return unescapedPart(decodeURIComponent(token))
  } catch {
    return unescapedPart(token)
  }
}
