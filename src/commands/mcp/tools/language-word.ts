/** What a word of the design language takes, from the JSON Schema of designs, so that no agent needs the whole of it. */

import { isObject } from '../../../base/is-object.ts'
import { suggest } from '../../../base/suggest.ts'
import { designSchema } from '../../../design/language/schema.ts'
import { ToolError } from '../state/tool-error.ts'
import { callText, type ToolAnswer } from './tool.ts'

/** The word before the name of a part of the language. */
const PREFIX = /^language\b\s*/

/** The part of JSON Schema that designs are described with. */
interface Described {
  readonly description?: string
  readonly examples?: readonly unknown[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, Described>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Described[]
  readonly allOf?: readonly { readonly then?: Described }[]
}

/**
 * Explains `language action`, `language step find` or `language field decimal`; null for what does not begin with the word `language`.
 *
 * @throws ToolError PLN-M010 for a part that the language does not have.
 */
export function languageWord(about: string): ToolAnswer | null {
  if (!PREFIX.test(about)) return null
  const [part = 'design', kind] = about
    .replace(PREFIX, '')
    .split(/[\s.]+/)
    .filter((word) => word !== '')
  const parts = partsOf(designSchema as unknown as Described & { readonly $defs: Readonly<Record<string, Described>> })
  const found = named(parts, part)
  if (found === undefined) throw unknown('the language', part, [...parts.keys()])
  const kinds = kindsOf(found)
  if (kind === undefined && kinds.size > 1)
    return {
      ...{ ok: true, about, says: [`${part} is one of ${[...kinds.keys()].join(', ')}`] },
      next: callText('explain', { about: `language ${part} ${[...kinds.keys()][0]}` }),
    }
  const chosen = kind === undefined ? [...kinds.values()][0] : named(kinds, kind)
  if (chosen === undefined) throw unknown(part, kind ?? '', [...kinds.keys()])
  return { ok: true, about, says: membersOf(chosen), next: null }
}

/** The parts that have members, by name: `design` and those that others refer to. */
function partsOf({
  $defs,
  ...design
}: Described & { readonly $defs: Readonly<Record<string, Described>> }): ReadonlyMap<string, Described> {
  return new Map([['design', design], ...Object.entries($defs).filter(([, of]) => kindsOf(of).size > 0)])
}

/** The forms of a part, each by its type or its first key; a part of one form has it under `''`. */
function kindsOf({ properties, anyOf = [], allOf = [] }: Described): ReadonlyMap<string, Described> {
  const forms = [...allOf.flatMap(({ then }) => then ?? []), ...anyOf].filter((form) => isObject(form.properties))
  if (forms.length === 0) return properties === undefined ? new Map() : new Map([['', { properties }]])
  return new Map(forms.map((form) => [String(form.properties?.type?.const ?? Object.keys(form.properties ?? {})[0] ?? ''), form]))
}

/** What has a name, in capitals or not. */
function named(all: ReadonlyMap<string, Described>, name: string): Described | undefined {
  return [...all].find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1]
}

/** A line for each member: its name, what it means, its values and an example. */
function membersOf({ properties = {}, required = [] }: Described): readonly string[] {
  return Object.entries(properties).flatMap(([name, member]) => {
    if (member.const !== undefined) return []
    const values = member.enum === undefined ? '' : ` One of ${member.enum.join(', ')}.`
    const [example] = member.examples ?? []
    const shown = example === undefined ? '' : ` Example: ${JSON.stringify(example)}.`
    const form = /^#\/\$defs\/(.*)$/.exec(member.$ref ?? '')?.[1]
    const more = form === undefined || form === 'expression' ? '' : ` See language ${form}.`
    return `${name}${required.includes(name) ? ' (required)' : ''}: ${member.description ?? ''}${values}${shown}${more}`
  })
}

function unknown(of: string, name: string, known: readonly string[]): ToolError {
  const near = suggest(name, known)
  const has = `${of} has ${known.join(', ')}`
  return new ToolError('PLN-M010', `${of} has no ${JSON.stringify(name.slice(0, 40))}`, {
    fix: near === undefined ? has : `did you mean ${near}? ${has}`,
  })
}
