/** Checks named rules: their names, circles among them, their size, and whether they are used. */

import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'
import type { Outline } from './outline.ts'
import { checkMemberName } from './outline-names.ts'

/**
 * The rules that expressions may use. A rule that uses itself is reported here once, and `true` takes its place so that its uses raise no
 * finding.
 */
export function resolveRules(authored: Readonly<Record<string, string>>, outline: Outline, report: Report): ReadonlyMap<string, string> {
  const rules = new Map(Object.entries(authored))
  for (const name of rules.keys()) checkRuleName(name, outline, report)
  for (const circle of circlesOf(rules)) {
    const [first = ''] = circle
    const way = circle.length > 8 ? [...circle.slice(0, 8), '…', first] : [...circle, first]
    report.add('PLN-D310', ['rules', first], `the rule leads back to itself: ${way.join(' → ')}`)
    for (const name of circle) rules.set(name, 'true')
  }
  refuseLarge(rules, report)
  return rules
}

/**
 * The most names and brackets of a rule after the rules in it are written out. The number doubles with each rule that uses another twice.
 */
const MAX_WRITTEN_OUT = 500

function refuseLarge(rules: Map<string, string>, report: Report): void {
  const sizes = new Map<string, number>()
  const sizeOf = (name: string): number => {
    const known = sizes.get(name)
    if (known !== undefined) return known
    const source = rules.get(name) ?? ''
    const nesting = source.match(/[!?([]/g)?.length ?? 0
    const size = namesIn(source).reduce((sum, used) => sum + (rules.has(used) ? sizeOf(used) : 1), 1 + nesting)
    sizes.set(name, size)
    if (size <= MAX_WRITTEN_OUT) return size
    report.add(
      'PLN-D309',
      ['rules', name],
      `the rule uses more than ${MAX_WRITTEN_OUT} names and brackets once the rules in it are written out`,
    )
    rules.set(name, 'true')
    sizes.set(name, 1)
    return 1
  }
  for (const name of rules.keys()) sizeOf(name)
}

function checkRuleName(name: string, outline: Outline, report: Report): void {
  const at = ['rules', name]
  if (!checkMemberName(name, { what: 'a rule', at, report })) return
  for (const entity of outline.entities.values()) {
    const what = entity.fields.has(name) ? 'field' : entity.relations.has(name) ? 'relation' : null
    if (what === null) continue
    report.add(
      'PLN-D203',
      at,
      `${entity.name} has a ${what} ${quote(name)}, so the name would mean two things in its expressions`,
      'rename the rule',
    )
    return
  }
}

/** Reports rules that no expression of the design uses, directly or through other rules. */
export function reportUnused(rules: ReadonlyMap<string, string>, expressions: readonly string[], report: Report): void {
  const used = new Set<string>()
  const visit = (source: string): void => {
    for (const name of namesIn(source)) {
      const rule = rules.get(name)
      if (rule === undefined || used.has(name)) continue
      used.add(name)
      visit(rule)
    }
  }
  expressions.forEach(visit)
  for (const name of rules.keys())
    if (!used.has(name)) report.add('PLN-D402', ['rules', name], `no expression uses the rule ${quote(name)}`)
}

/** The names that stand alone in an expression: not after a dot, not inside a text. */
export function namesIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\/[^\n]*|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, (text) =>
    text.startsWith('/') ? ' ' : '""',
  )
  return [...code.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)].map(([name]) => name)
}

/** Each circle of rules once, from the rule that the design names first. */
function circlesOf(rules: ReadonlyMap<string, string>): readonly (readonly string[])[] {
  const circles: string[][] = []
  const done = new Set<string>()
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name)
    const circle = start < 0 ? [] : trail.slice(start)
    if (circle.length > 0 && !circles.some((other) => other.some((rule) => circle.includes(rule)))) circles.push([...circle])
    if (start >= 0 || done.has(name)) return
    for (const next of namesIn(rules.get(name) ?? '')) if (rules.has(next)) visit(next, [...trail, name])
    done.add(name)
  }
  for (const name of rules.keys()) visit(name, [])
  return circles
}
