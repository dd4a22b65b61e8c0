/** Follows the hints of findings about actions, workflows and requirements. */

import type { Diagnostic } from '../../src/base/diagnostic.ts'

// biome-ignore lint/suspicious/noExplicitAny: a design of any shape, which the hints change
type Part = any

/** The object that a finding is about: the part at its path, or the nearest one around it. */
function objectAt(design: Part, path: Diagnostic['at']['path']): { readonly object: Part; readonly key: string | number | undefined } {
  let object = design
  for (const [i, key] of path.entries()) {
    const next = object[key]
    if (typeof next !== 'object' || next === null) return { object, key: i === path.length - 1 ? key : undefined }
    object = next
  }
  return { object, key: undefined }
}

/** Changes the design as the hint says; false for a hint that says nothing to write. */
export function followLogic(design: Part, { code, hint = '', at }: Diagnostic): boolean {
  const isLogic =
    /^PLN-D(?:5|62)/.test(code) || (code === 'PLN-D209' && ['actions', 'workflows', 'jobs', 'schedules'].includes(String(at.path[0])))
  if (!isLogic) return false
  const { object, key } = objectAt(design, at.path)
  const steps = at.path.lastIndexOf('steps')
  const call = /^write call: (\S+)$/.exec(hint)?.[1]
  if (call !== undefined && steps >= 0) {
    const list = at.path.slice(0, steps + 1).reduce((part: Part, name) => part[name], design)
    list[at.path[steps + 1] ?? 0] = { call, on: 'row' }
    return true
  }
  const guard = /^write (.+ == null \?) null : …$/.exec(hint)?.[1]
  if (guard !== undefined && key !== undefined) {
    object[key] = `${guard} null : ${object[key]}`
    return true
  }
  const [, each, is] = /^write \{ each: (\w+ in .+), is: (.+) \}$/.exec(hint) ?? []
  if (each !== undefined && key !== undefined) {
    object[key] = { each, is }
    return true
  }
  if (hint.startsWith('add input: { ')) return false
  const pair = /^(?:add|write) (\w+): ('[^']*'|[^ ,]+(?: != null)?)(?:$|[ ,])/.exec(hint)
  if (pair !== null && pair[1] !== 'optional') {
    const [, name = '', value = ''] = pair
    const partAt = (length: number): Part => at.path.slice(0, length).reduce((part: Part, each) => part[each], design)
    const isOfAction = name === 'as' && value === 'system'
    // A reaction and a step are elements of a list.
    const element = at.path[0] === 'on' ? 3 : steps + 2
    const holder = isOfAction ? partAt(steps) : name === 'when' ? partAt(element) : object
    holder[name] = /^\d+$/.test(value) ? Number(value) : value.replace(/^'(.*)'$/, '$1')
    return true
  }
  if (/^remove it/.test(hint) && key !== undefined) {
    delete object[key]
    return true
  }
  const removed = /^remove (\w+)$/.exec(hint)?.[1]
  const holder = removed !== undefined && removed === at.path.at(-1) ? objectAt(design, at.path.slice(0, -1)).object : object
  if (removed !== undefined && removed in holder) {
    delete holder[removed]
    return true
  }
  return false
}

/** Changes the design as the hint of a finding about requirements says; false for a hint that says nothing to write. */
export function followRequirement(design: Part, { code, hint = '', at }: Diagnostic): boolean {
  if (code === 'PLN-D704') {
    const [asking] = Object.values<Part>(design.requirements)
    asking.by = [asking.by, /^add "([^"]+)" to a requirement/.exec(hint)?.[1]].flat()
    return true
  }
  if (code === 'PLN-D711') {
    const { object } = objectAt(design, at.path.slice(0, -1))
    const key = /^remove (\w+)/.exec(hint)?.[1] ?? ''
    return Object.hasOwn(object, key) && delete object[key]
  }
  if (code !== 'PLN-D701') return false
  const requirement = design.requirements[at.path[1] ?? '']
  const [, key = '', value] = /^write (\w+): (open|and the reason)/.exec(hint) ?? []
  const removed = /^remove (\w+)/.exec(hint)?.[1]
  if (removed !== undefined) delete requirement[removed]
  else requirement[key] = value
  return true
}
