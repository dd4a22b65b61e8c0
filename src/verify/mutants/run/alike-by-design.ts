/**
 * Whether two rules decide alike whatever the rows and the caller are, as the design alone proves: in every combination of truths that
 * their conditions, and those of the rules that are judged with them, can have together.
 */

import type { Action } from '../../../model/action.ts'
import type { Predicate } from '../../../model/expression.ts'
import { entityNamed, type Model } from '../../../model/model.ts'
import { WRITE_DOORS } from '../../cases/doors.ts'
import type { RuleUse } from '../../cases/rule-claims.ts'
import { type AccessRule, ruleOf, type WrittenDesign } from '../../expected/written-design.ts'
import type { AtomPlace } from '../../rules/atom-facts.ts'
import { kleene } from '../../rules/deciding.ts'
import { eachCombination, type JudgedRule, type JudgedTogether, judgedRule } from '../../rules/joint-combinations.ts'
import { conditionText } from '../rules/rule-text.ts'
import { predicateTruth, Unwritten } from './predicate-truth.ts'

/** What a rule decides: an operation or a field of an entity, or who may call an action. */
export type Decided =
  | { readonly kind: 'rule'; readonly entity: string; readonly use: RuleUse }
  | { readonly kind: 'action'; readonly action: Action }

/** A rule as the author wrote it, as it is compiled, and with a defect. */
export interface ComparedRule {
  readonly source: string
  readonly before: Predicate
  readonly after: Predicate
  /** The doors at which it is changed; null for all. */
  readonly doors: readonly string[] | null
  /** Whether it judges a row before and after a change, and is changed in both places. */
  readonly both?: true
}

/** A request in which a rule is judged: on which rows, all of which it must allow, and which rules must hold so that it decides. */
export interface Way {
  readonly operation: JudgedTogether['operation']
  readonly moments: readonly JudgedRule['moment'][]
  readonly also: readonly { readonly source: string; readonly moment: JudgedRule['moment'] }[]
  /** Writes a condition of the rule for the row of the place, where the rule is about another row; left out for the same row. */
  readonly written?: (condition: string) => string
}

/** @returns the number of combinations in which both decide alike; null if they differ in one, or nothing is proved. */
export function alikeByDesign(design: WrittenDesign, model: Model, decided: Decided, rule: ComparedRule): number | null {
  const entity = decided.kind === 'rule' ? decided.entity : (decided.action.entity ?? model.identity?.entity)
  if (entity === undefined || isAskedByCan(model, decided)) return null
  const place = { design, model, entity }
  let combinations = 0
  const ways = waysOf(design, place, decided, rule.both === true)
  for (const way of ways.filter(({ operation }) => rule.doors?.some((door) => isDoorOf(operation, door)) !== false)) {
    const alike = alikeIn(design, place, { ...rule, way })
    if (alike === null) return null
    combinations += alike
  }
  return combinations
}

/** Whether an operation may be asked through a door. What answers a write shows belongs to the write. */
function isDoorOf(operation: Way['operation'], door: string): boolean {
  const isOf = (doors: readonly { readonly name: string }[]): boolean => doors.some(({ name }) => name === door)
  const writes = (['create', 'update', 'delete'] as const).filter((write) => isOf(WRITE_DOORS[write]))
  return writes.length === 0 || operation === 'read' ? true : writes.some((write) => write === operation)
}

/** `can` also asks for rows that the caller may not read. The rule of a read is compared for every row, so `can("read", …)` agrees, too. */
function isAskedByCan(model: Model, decided: Decided): boolean {
  const operation = decided.kind === 'rule' && decided.use.kind === 'operation' ? (decided.use.rule.split('.')[0] ?? '') : 'read'
  return operation !== 'read' && hasCan(model, operation, new Set())
}

function hasCan(part: unknown, operation: string, seen: Set<object>): boolean {
  if (typeof part !== 'object' || part === null || seen.has(part)) return false
  seen.add(part)
  const isCan = 'kind' in part && part.kind === 'can' && 'operation' in part && part.operation === operation
  return isCan || Object.values(part).some((inner) => hasCan(inner, operation, seen))
}

function waysOf(design: WrittenDesign, { model, entity }: AtomPlace, decided: Decided, isBoth: boolean): readonly Way[] {
  const own = design.entities[entity]
  const holds = (rule: AccessRule, moment: JudgedRule['moment']): Way['also'] => {
    const source = ruleOf(own, rule)
    return source === null ? [] : [{ source, moment }]
  }
  const seen = holds('read', 'before')
  if (decided.kind === 'action') {
    const { action } = decided
    // What runs as the system may find rows that the caller may not read.
    return [{ operation: 'read', moments: ['before'], also: action.entity === null || action.as === 'system' ? [] : seen }]
  }
  const changeable = [...seen, ...holds('update.from', 'before')]
  const whole = wholeRow(design, { model, entity })
  const { use } = decided
  if (use.kind === 'field') {
    const isImmutable = own?.fields[use.field]?.immutable === true
    // A field is also read in the answer to a write, and written in a create and a change.
    return use.of === 'read'
      ? [
          { operation: 'read', moments: ['before'], also: seen },
          { operation: 'create', moments: ['after'], also: [...whole, ...holds('create', 'after')] },
          { operation: 'update', moments: ['after'], also: [...changeable, ...holds('update.to', 'after')] },
        ]
      : [
          { operation: 'create', moments: ['after'], also: whole },
          ...(isImmutable ? [] : [{ operation: 'update', moments: ['before', 'after'], also: changeable } as const]),
        ]
  }
  switch (use.rule) {
    case 'read':
      return [{ operation: 'read', moments: ['before'], also: [] }]
    case 'create':
      return [{ operation: 'create', moments: ['after'], also: whole }]
    case 'update.from':
      // Both rules of an update are the same one.
      if (isBoth) return [{ operation: 'update', moments: ['before', 'after'], also: seen }]
      return [{ operation: 'update', moments: ['before'], also: [...seen, ...holds('update.to', 'after')] }]
    case 'update.to':
      return [{ operation: 'update', moments: ['after'], also: changeable }]
    case 'delete':
      return [{ operation: 'delete', moments: ['before'], also: seen }]
  }
}

/** A new row needs the claims that the server puts into it. */
export function wholeRow({ entities }: WrittenDesign, { model, entity }: Pick<AtomPlace, 'model' | 'entity'>): Way['also'] {
  const isClaimed = (name: string): boolean => entities[entity]?.fields[name]?.set?.startsWith('auth.') === true
  const claimed = entityNamed(model, entity).fields.filter(({ name, optional }) => !optional && isClaimed(name))
  return claimed.map(({ name }) => ({ source: `${name} != null`, moment: 'after' }))
}

/** The number of combinations in which both rules decide alike in one way; null if they differ in one, or nothing is proved. */
export function alikeIn(
  design: WrittenDesign,
  place: AtomPlace,
  { source, before, after, way }: ComparedRule & { readonly way: Way },
): number | null {
  let isAlike = true
  let combinations = 0
  const { written = (text: string) => text } = way
  try {
    const texts = [...new Set([...conditionsOf(before), ...conditionsOf(after)])]
    const judged = way.moments.flatMap((moment) =>
      [source, ...texts].map((text): JudgedRule => judgedRule(design, place, { source: written(text), moment })),
    )
    const rules = [...judged, ...way.also.map((rule) => judgedRule(design, place, rule))]
    const isTried = eachCombination({ design, place, operation: way.operation, rules }, (valuesOf) => {
      combinations++
      const truths = rules.map(({ parsed }, i) => kleene(parsed.tree, valuesOf(i)))
      if (!isAlike || truths.slice(judged.length).some((truth) => truth !== true)) return
      const verdict = (rule: Predicate | null): boolean =>
        way.moments.every((_, m) => {
          const own = truths.slice(m * (texts.length + 1), (m + 1) * (texts.length + 1))
          const truth = rule === null ? own[0] : predicateTruth(rule, (text) => own[1 + texts.indexOf(text)] ?? null)
          return truth === true
        })
      // What is compiled must mean what the author wrote; else nothing is proved.
      if (verdict(before) !== verdict(null) || verdict(after) !== verdict(null)) isAlike = false
    })
    return isTried && isAlike ? combinations : null
  } catch (error) {
    if (!(error instanceof Unwritten)) throw error
    return null
  }
}

/** The texts of the conditions of a rule. @throws Unwritten for a condition without text. */
function conditionsOf(p: Predicate): readonly string[] {
  switch (p.kind) {
    case 'const':
      return []
    case 'not':
    case 'holds':
      return conditionsOf(p.of)
    case 'all':
    case 'any':
      return p.of.flatMap(conditionsOf)
    case 'choose':
      return [p.test, p.yes, p.no].flatMap(conditionsOf)
    default: {
      const text = conditionText(p)
      if (text === null) throw new Unwritten()
      return [text]
    }
  }
}
