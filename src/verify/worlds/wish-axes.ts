/** The choices by which the rows that a condition reads can differ, and their combinations. */

import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Read, RuleReads } from '../rules/reads.ts'
import { CLOCK, witnessValues } from './witness-values.ts'

/** A choice: a value, the account of the caller, a row that a claim of the caller names, or a new row. */
export type Choice =
  | { readonly kind: 'value'; readonly value: PlainValue }
  | { readonly kind: 'caller' }
  | { readonly kind: 'claim'; readonly field: string }
  | { readonly kind: 'new' }

/** A place with its choices, the usual one first. */
export interface WishAxis {
  /** The path of the place: `row.author`, `auth.role`, `row.members#0.user`. */
  readonly key: string
  readonly choices: readonly Choice[]
  /** The axis above it, and the choices of it for which the place exists; null at the top. */
  readonly when: { readonly key: string; readonly has: (choice: Choice) => boolean } | null
}

/** A choice for each place that exists. */
export type Chosen = ReadonlyMap<string, Choice>

const NULL: Choice = { kind: 'value', value: null }
const MOMENTS: readonly Choice[] = (CLOCK.timestamp ?? []).map((value) => ({ kind: 'value', value }))
/** Rows of a relation beyond this number show nothing new of a condition. */
const MOST_RELATED = 2

/** The choices for what is read of a row and its caller. */
export function wishAxes(model: Model, { row, caller }: RuleReads): readonly WishAxis[] {
  const anonymous: WishAxis = { key: 'auth', choices: [{ kind: 'caller' }, NULL], when: null }
  const isThere = { key: 'auth', has: ({ kind }: Choice) => kind === 'caller' }
  const claims = caller === null ? [] : axesOfRead({ model, caller: null }, caller, { prefix: 'auth', when: isThere, isCaller: true })
  return [
    ...(caller === null || caller.fields.size === 0 ? [] : [anonymous, ...claims]),
    ...axesOfRead({ model, caller }, row, { prefix: 'row', when: null, isCaller: false }),
  ]
}

interface Around {
  readonly model: Model
  readonly caller: Read | null
}

interface Below {
  readonly prefix: string
  readonly when: WishAxis['when']
  readonly isCaller: boolean
}

function axesOfRead(around: Around, read: Read, { prefix, when, isCaller }: Below): readonly WishAxis[] {
  const entity = entityNamed(around.model, read.entity)
  const own = [...read.fields].flatMap(([name, beside]): readonly WishAxis[] => {
    const field = entity.fields.find((one) => one.name === name)
    if (field === undefined || read.up?.field === name) return []
    const choices = isCaller && name === 'id' ? [] : choicesOf(around, { entity, field, prefix }, beside)
    return choices.length === 0 ? [] : [{ key: `${prefix}.${name}`, choices, when }]
  })
  const behind = [...read.refs].flatMap(([name, of]) => {
    const key = `${prefix}.${name}`
    const has = (choice: Choice): boolean => choice.kind !== 'value'
    return axesOfRead(around, of, { prefix: key, when: { key, has }, isCaller: false })
  })
  const related = [...read.relations].flatMap(([name, { of, conditions }]) => {
    const most = Math.min(Math.max(conditions, 1), MOST_RELATED)
    const key = `${prefix}.${name}`
    const counts = Array.from({ length: most + 1 }, (_, n): Choice => ({ kind: 'value', value: n }))
    const rows = Array.from({ length: most }, (_, n) =>
      axesOfRead(around, of, {
        prefix: `${key}#${n}`,
        when: { key, has: (choice) => choice.kind === 'value' && Number(choice.value) > n },
        isCaller: false,
      }),
    )
    return [{ key, choices: counts, when }, ...rows.flat()]
  })
  return [...own, ...behind, ...related]
}

interface Placed {
  readonly entity: Entity
  readonly field: Field
  readonly prefix: string
}

function choicesOf(
  { model, caller }: Around,
  { entity, field, prefix }: Placed,
  beside: Parameters<typeof witnessValues>[2],
): readonly Choice[] {
  const { type, system, optional, name } = field
  const isAccount = (of: string): boolean => model.identity?.entity === of
  const missing = optional ? [NULL] : []
  if (name === 'id') return isAccount(entity.name) && !isReferred(prefix) ? [{ kind: 'new' }, { kind: 'caller' }] : []
  if (system === 'version') return [1, 2].map((value) => ({ kind: 'value', value }))
  if (system !== null) return beside.clock && system !== 'deletedAt' ? MOMENTS : []
  if (type.kind === 'ref') {
    const mine = caller === null ? [] : claimsOf(model, caller, type.entity)
    return [{ kind: 'new' }, ...(isAccount(type.entity) && caller !== null ? [{ kind: 'caller' } as const] : mine), ...missing]
  }
  if (type.kind === 'computed' || type.kind === 'file' || type.kind === 'password') return []
  // A choice also gets a value that no condition names.
  const unnamed = type.kind === 'choice' ? type.values.filter((value) => !beside.constants.has(value)).slice(0, 1) : []
  const values = new Set([...witnessValues(field, null, beside).filter((value) => value !== null), ...unnamed])
  return [...values].map((value): Choice => ({ kind: 'value', value })).concat(missing)
}

/** Whether a place is behind a reference, which decides itself whether it leads to the caller. */
function isReferred(prefix: string): boolean {
  const last = prefix.split('.').at(-1) ?? ''
  return prefix !== 'row' && !last.includes('#')
}

/** The claims that name a row of an entity. */
function claimsOf(model: Model, caller: Read, entity: string): readonly Choice[] {
  const account = entityNamed(model, caller.entity)
  return [...caller.fields.keys()].flatMap((name): readonly Choice[] => {
    const type = account.fields.find((field) => field.name === name)?.type
    return type?.kind === 'ref' && type.entity === entity ? [{ kind: 'claim', field: name }] : []
  })
}

/** The combinations of choices, those with the fewest unusual choices first. Null where there are more than `most`. */
export function* combinations(axes: readonly WishAxis[], most: number): Generator<Chosen | null> {
  let given = 0
  for (let unusual = 0; unusual <= axes.length; unusual++) {
    let isAny = false
    for (const chosen of choose(axes, 0, unusual, new Map())) {
      isAny = true
      if (given++ >= most) {
        yield null
        return
      }
      yield chosen
    }
    if (!isAny && unusual > 0) return
  }
}

function* choose(axes: readonly WishAxis[], at: number, unusual: number, chosen: Chosen): Generator<Chosen> {
  const axis = axes[at]
  if (axis === undefined) {
    if (unusual === 0) yield chosen
    return
  }
  const above = axis.when === null ? undefined : chosen.get(axis.when.key)
  if (axis.when !== null && (above === undefined || !axis.when.has(above))) {
    yield* choose(axes, at + 1, unusual, chosen)
    return
  }
  for (const [n, choice] of axis.choices.entries()) {
    const left = unusual - (n === 0 ? 0 : 1)
    if (left < 0 || left > axes.length - at - 1) continue
    yield* choose(axes, at + 1, left, new Map([...chosen, [axis.key, choice]]))
  }
}
