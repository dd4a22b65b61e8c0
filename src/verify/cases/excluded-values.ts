/**
 * The values of conditions that no request can show, as the design alone proves: in every combination of truths that the conditions can
 * have together, either the condition does not decide, or the row is not seen, or the row before the change is refused.
 */

import { type Entity, entityNamed, type Field } from '../../model/model.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import { type AccessRule, ruleOf, type WrittenDesign } from '../expected/written-design.ts'
import { type AtomPlace, possibleValues } from '../rules/atom-facts.ts'
import { decides, kleene } from '../rules/deciding.ts'
import { eachCombination, type JudgedRule, judgedRule } from '../rules/joint-combinations.ts'
import type { Moment } from '../rules/pivots.ts'
import { atomValueName, atomValuesOf, type RuleClaim } from './rule-claims.ts'

/** A way in which a rule is judged, with the rules that must hold so that it is. */
interface Way {
  readonly operation: 'read' | 'create' | 'update' | 'delete'
  readonly moment: Moment
  readonly also: readonly { readonly source: string; readonly moment: Moment }[]
  /** The rule is also judged at the other moment: it must hold there, unless its conditions are as they are at this one. */
  readonly again: Moment | null
}

/** The values of atoms that no request can show, as the design proves. */
export function neverShown(reference: ReferenceBackend, claim: RuleClaim): ReadonlySet<string> {
  const { design, model } = reference
  const place = { design, model, entity: claim.entity }
  const { kind } = reference.sightOf(null)
  const closed = excludedForAnonymous(place, claim, (rule) => !kind.mayHold(claim.entity, rule))
  return new Set([...excludedValues(design, place, claim), ...closed])
}

/** The names of the values of atoms that no request can show. Empty where too many combinations are possible. */
export function excludedValues(design: WrittenDesign, place: AtomPlace, claim: RuleClaim): ReadonlySet<string> {
  const names = atomValuesOf(claim).map((one) => atomValueName(claim, one))
  const shown = waysOf(design, place, claim).map((way) => possibleIn(design, place, claim, way))
  return new Set(names.filter((name) => shown.every((possible) => possible !== null && !possible.has(name))))
}

/**
 * Values that only an anonymous caller could show, where a rule that must hold before refuses all anonymous callers.
 *
 * @param isClosed whether a rule holds of no row for an anonymous caller.
 */
function excludedForAnonymous(place: AtomPlace, claim: RuleClaim, isClosed: (rule: AccessRule) => boolean): ReadonlySet<string> {
  if (!rulesBefore(claim).some(isClosed)) return new Set()
  const { parsed, possible } = claim
  const names = parsed.atoms.flatMap(({ node }, atom) => {
    const others = possibleValues(node, { ...place, isSignedIn: true })
    return (possible[atom] ?? []).filter((value) => !others.includes(value)).map((value) => atomValueName(claim, { atom, value }))
  })
  return new Set(names)
}

/** The rules that hold wherever a rule is judged. */
function rulesBefore({ use }: RuleClaim): readonly AccessRule[] {
  if (use.kind === 'field') return use.of === 'read' ? ['read'] : []
  if (use.rule === 'update.to') return ['read', 'update.from']
  return use.rule === 'update.from' || use.rule === 'delete' ? ['read'] : []
}

function waysOf(design: WrittenDesign, { model, entity }: AtomPlace, { use }: RuleClaim): readonly Way[] {
  const own = design.entities[entity]
  const holds = (rule: AccessRule, moment: Moment = 'before'): Way['also'] => {
    const source = ruleOf(own, rule)
    return source === null ? [] : [{ source, moment }]
  }
  const way = (operation: Way['operation'], moment: Moment, also: Way['also'], again: Way['again'] = null): Way => ({
    operation,
    moment,
    also,
    again,
  })
  const seen = holds('read')
  const changeable = [...seen, ...holds('update.from')]
  if (use.kind === 'field') {
    if (use.of === 'read') return [way('read', 'before', seen)]
    const created = way('create', 'after', [])
    if (fieldOf(entityNamed(model, entity), use.field)?.immutable === true) return [created]
    return [created, way('update', 'before', changeable, 'after'), way('update', 'after', changeable, 'before')]
  }
  switch (use.rule) {
    case 'read':
      return [way('read', 'before', [])]
    case 'create':
      return [way('create', 'after', [])]
    case 'update.from':
      return [way('update', 'before', seen)]
    case 'update.to':
      return [way('update', 'after', changeable)]
    case 'delete':
      return [way('delete', 'before', seen)]
  }
}

function fieldOf({ fields }: Entity, name: string): Field | undefined {
  return fields.find((one) => one.name === name)
}

/** The values of atoms that a way can show; null where too many combinations are possible. */
function possibleIn(design: WrittenDesign, place: AtomPlace, claim: RuleClaim, way: Way): ReadonlySet<string> | null {
  const own = { parsed: claim.parsed, possible: claim.possible }
  const rules: readonly JudgedRule[] = [
    { ...own, moment: way.moment },
    ...(way.again === null ? [] : [{ ...own, moment: way.again }]),
    ...way.also.map((rule) => judgedRule(design, place, rule)),
  ]
  const found = new Set<string>()
  const isTried = eachCombination({ design, place, operation: way.operation, rules }, (valuesOf) => {
    const judged = valuesOf(0)
    const isAlike = (i: number): boolean => way.again !== null && i === 1 && valuesOf(i).every((value, atom) => value === judged[atom])
    if (!rules.every(({ parsed }, i) => i === 0 || isAlike(i) || kleene(parsed.tree, valuesOf(i)) === true)) return
    for (const [atom, value] of judged.entries())
      if (decides(claim.parsed.tree, judged, atom, claim.possible[atom] ?? [])) found.add(atomValueName(claim, { atom, value }))
  })
  return isTried ? found : null
}
