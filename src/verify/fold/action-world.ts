/** The rows and the names of an action while it runs, and how its expressions are evaluated. */

import type { Caller } from '../../model/caller.ts'
import type { Truth } from '../../model/expression.ts'
import type { ScalarKind } from '../../model/scalar.ts'
import { callerWith as callerOf, isLive, type ReferenceBackend, type AllRows as Rows, type Sight } from '../expected/reference.ts'
import type { Question } from '../oracle/oracle.ts'
import type { Named } from '../oracle/oracle-names.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { decidingAtoms } from '../rules/deciding.ts'
import { parseRule } from '../rules/rule-tree.ts'
import type { Attempt, NewValues } from './outcome.ts'
import type { WrittenLogic, WrittenValue } from './written-logic.ts'

/** A name of an action. A row is kept by its id, because "a name is a row and not a copy". */
export type NameMeaning =
  | { readonly kind: 'row'; readonly entity: string; readonly id: PlainValue }
  | { readonly kind: 'rows'; readonly entity: string; readonly ids: readonly PlainValue[]; readonly total: number }
  | { readonly kind: 'value'; readonly scalar: ScalarKind; readonly value: PlainValue }

/** The names of one place, by name; inputs are under `input.x`, and the row whose fields are bare names is under the empty name. */
export type NamesAt = ReadonlyMap<string, NameMeaning>

/** Names without a dot: the fields of this row. */
export interface BareRow {
  readonly entity: string
  readonly row: PlainRow
}

/** What is done with a row. */
export type RowOperation = 'Create' | 'Update' | 'Delete'

/** The change of one row. */
export interface OneChange {
  readonly id: PlainValue
  readonly given: PlainRow
  /** The row when the step found it. */
  readonly draft: PlainRow
  /** What the hooks get as input, where that is not `given`. */
  readonly input?: PlainRow
  readonly isJudged: boolean
  /** Fields that the hook before must set, because the write gives them no value. */
  readonly needed?: readonly string[]
}

/** Writes rows one after the other, each with its hooks. */
export interface RowHooks {
  /** Whether hooks run around an operation on rows of an entity. */
  readonly isHooked: (world: ActionWorld, entity: string, operation: RowOperation) => boolean
  /** Makes a row. @throws CallRefused */
  readonly makeRow: (world: ActionWorld, entity: string, given: PlainRow) => PlainRow
  /** Refuses rows that the caller may not change, before any hook runs. @throws CallRefused */
  readonly judgeDrafts: (world: ActionWorld, entity: string, drafts: readonly OneChange[]) => void
  /** Changes a row. @throws CallRefused */
  readonly changeRow: (world: ActionWorld, entity: string, change: OneChange) => void
  /** Deletes rows. `keep` gets each row right before its deletion. @throws CallRefused */
  readonly removeRows: (
    world: ActionWorld,
    entity: string,
    removed: { readonly rows: readonly PlainRow[]; readonly keep: (row: PlainRow) => void },
  ) => void
}

/** What a world begins with. */
type Starting = Pick<ActionWorld, 'isSystem' | 'newValues' | 'seen' | 'hooks'>

/** The rows of an action that runs. Each step puts new rows in place of the old ones. */
export class ActionWorld {
  readonly reference: ReferenceBackend<WrittenLogic>
  /** Whether the rules of the entities do not apply. */
  readonly isSystem: boolean
  readonly newValues: NewValues
  readonly hooks: RowHooks
  /** The kinds of things that have happened, for the tally of a run. */
  readonly seen: Set<string>
  /** The rows that have changed, by id: whether code alone has changed them. */
  readonly changedByCode = new Map<PlainValue, boolean>()
  /** The rows that an `ensure` has found, by id. They are written as they are, so their checks are judged. */
  readonly found = new Set<PlainValue>()
  /** The last values of the rows that steps have deleted one by one, by id. */
  readonly gone = new Map<PlainValue, PlainRow>()
  /** Whether the action has signed in as an account that it has made. */
  isNewAccount = false
  readonly now = new Date()
  /** The events that steps emit. */
  readonly emitted: { readonly entity: string; readonly happening: string; readonly rowId: string }[] = []
  /** The names of the jobs that steps add. */
  readonly enqueued: string[] = []
  /** Collects what the call shows of its steps and conditions; null to collect nothing. */
  notes: Set<string> | null = null
  /** The names at each step that was reached, by its place. */
  readonly namesAt = new Map<string, NamesAt>()
  /** How many steps have been passed. */
  progress = 0
  /** The sign-in with a password before the steps. */
  attempt: Attempt | null = null
  /** The account as which a step has signed in; null until then. */
  signedIn: PlainValue = null
  #rows: Rows
  #caller: Caller
  #sight: Sight | null = null

  constructor(reference: ActionWorld['reference'], caller: Caller, { isSystem, newValues, seen, hooks }: Starting) {
    this.reference = reference
    this.#caller = caller
    this.isSystem = isSystem
    this.newValues = newValues
    this.hooks = hooks
    this.seen = seen
    this.#rows = reference.rows()
  }

  /** Does work with the rights of the caller or of the system on these rows. */
  as<T>(right: 'caller' | 'system', work: (world: ActionWorld) => T): T {
    const { reference, caller, newValues, seen, hooks } = this
    const world = new ActionWorld(reference, caller, { isSystem: right === 'system', newValues, seen, hooks })
    world.become(this.#rows)
    for (const [id, isByCode] of this.changedByCode) world.changedByCode.set(id, isByCode)
    const result = work(world)
    this.become(world.rows)
    for (const [id, isByCode] of world.changedByCode) this.changedByCode.set(id, isByCode)
    return result
  }

  /** The caller of the request, or the account that has signed in. */
  get caller(): Caller {
    return this.#caller
  }

  /** From here on, the caller is the account with this id. */
  signIn(id: PlainValue, { isNew }: { readonly isNew: boolean }): void {
    this.isNewAccount = isNew
    this.signedIn = id
    this.#caller = callerOf(this.reference.model, this.#rows, String(id))
    this.#sight = null
  }

  get rows(): Rows {
    return this.#rows
  }

  /** The rows as the caller sees them now. */
  get sight(): Sight {
    this.#sight ??= this.reference.sightOver(this.#rows, this.caller)
    return this.#sight
  }

  /** Puts the rows after a step in place of those before it. */
  become(rows: Rows): void {
    this.#rows = rows
    this.#sight = null
  }

  /** All rows of an entity that exist, whether the caller may read them or not. */
  live(entity: string): readonly PlainRow[] {
    return (this.#rows.get(entity) ?? []).filter(isLive)
  }

  find(entity: string, id: PlainValue): PlainRow | null {
    return (this.#rows.get(entity) ?? []).find((row) => row.id === id) ?? null
  }

  /** The row of a name. After a step has deleted it, it has its last values, which the same callers may read. */
  named(entity: string, id: PlainValue): PlainRow | null {
    const row = id === null ? null : (this.find(entity, id) ?? this.gone.get(id) ?? null)
    return row === null || isLive(row) ? row : { ...row, deletedAt: null }
  }

  /** The existing rows that the steps may use: "a row that is not readable is not there". */
  usable(entity: string): readonly PlainRow[] {
    return this.live(entity).filter((row) => this.isSystem || this.sight.sees(entity, row))
  }

  /** A row with the values that an expression of a step sees. */
  shown(entity: string, row: PlainRow): PlainRow {
    return this.isSystem ? row : this.sight.mask(entity, row)
  }

  /** Notes which conditions of an expression decide here. @param place stands before their names. */
  noteCondition(place: string, source: string, names: NamesAt, bare: BareRow | null = null): void {
    if (this.notes === null) return
    const { tree, atoms } = parseRule(source, (name) => this.reference.design.rules?.[name])
    const values = atoms.map(({ text }) => this.#ask('decide', text, names, bare ?? this.#bareOf(names)) as Truth)
    for (const atom of decidingAtoms(
      tree,
      values,
      atoms.map(() => [true, false]),
    ))
      this.notes.add(`${place}: ${atoms[atom]?.name}/${values[atom] ?? 'unknown'}`)
  }

  /** Whether a condition of a step is true; unknown is not. */
  holds(source: string | undefined, names: NamesAt, bare: BareRow | null = null): boolean {
    return source === undefined || this.#ask('decide', source, names, bare ?? this.#bareOf(names)) === true
  }

  /** The value of an expression or constant of a step; null where it is missing. */
  value(source: WrittenValue, names: NamesAt, bare: BareRow | null = null): PlainValue {
    return typeof source === 'string' ? (this.#ask('evaluate', source, names, bare ?? this.#bareOf(names)) as PlainValue) : source
  }

  /** The row under the empty name, which a shape is about; null for none. */
  #bareOf(names: NamesAt): BareRow | null {
    const name = names.get('')
    if (name?.kind !== 'row') return null
    const row = this.named(name.entity, name.id)
    return row === null ? null : { entity: name.entity, row }
  }

  /** Whether `allow`, a guard or the `where` of a reference is true. These see all rows and values, as the rules of entities do. */
  allows(source: string, names: NamesAt, bare: BareRow | null): boolean {
    return (
      this.sight.full.decide(
        this.#question(
          source,
          this.#named(names, (_, row) => row),
          bare,
        ),
      ) === true
    )
  }

  #ask(how: 'decide' | 'evaluate', source: string, names: NamesAt, bare: BareRow | null): Truth | PlainValue {
    const oracle = this.isSystem ? this.sight.full : this.sight.seen()
    const own = bare === null ? null : { entity: bare.entity, row: this.shown(bare.entity, bare.row) }
    return oracle[how](
      this.#question(
        source,
        this.#named(names, (entity, row) => this.shown(entity, row)),
        own,
      ),
    )
  }

  #question(source: string, names: ReadonlyMap<string, Named>, bare: BareRow | null): Question {
    return { source, entity: bare?.entity ?? null, row: bare?.row ?? null, caller: this.caller, input: {}, now: this.now, names }
  }

  #named(names: NamesAt, shown: (entity: string, row: PlainRow) => PlainRow): ReadonlyMap<string, Named> {
    return new Map([...names].flatMap(([name, meaning]) => (name === '' ? [] : [[name, this.#meaning(meaning, shown)] as const])))
  }

  #meaning(name: NameMeaning, shown: (entity: string, row: PlainRow) => PlainRow): Named {
    switch (name.kind) {
      case 'value':
        return name.value === null ? { kind: 'missing' } : { kind: 'value', scalar: name.scalar, value: name.value }
      case 'row': {
        const { entity, id } = name
        const row = this.named(entity, id)
        return row === null ? { kind: 'missing' } : { kind: 'row', entity, row: shown(entity, row) }
      }
      case 'rows': {
        const { entity, ids, total } = name
        const rows = ids.flatMap((id) => this.usable(entity).filter((row) => row.id === id))
        return { kind: 'rows', entity, total, rows: rows.map((row) => shown(entity, row)) }
      }
    }
  }

  /** The row to which a path such as `row`, `cart.owner` or `input.from` leads; null for none. */
  rowAt(path: string, names: NamesAt): { readonly entity: string; readonly id: PlainValue } {
    const own = path === '' ? names.get('') : undefined
    return { entity: this.entityAt(path, names), id: own?.kind === 'row' ? own.id : this.value(path, names) }
  }

  /** The entity of the rows at a path. @throws Error for a path that leads to no row. */
  entityAt(path: string, names: NamesAt): string {
    const written = path.trim().split('.')
    const isBare = path !== '' && names.has('') && !names.has(written[0] ?? '') && written[0] !== 'input'
    const parts = isBare ? ['', ...written] : written
    const start = parts[0] === 'input' ? 2 : 1
    const name = names.get(parts.slice(0, start).join('.'))
    if (name === undefined || name.kind === 'value') throw new Error(`${path} is no row`)
    return parts.slice(start).reduce((entity, part) => this.#target(entity, part), name.entity)
  }

  #target(entity: string, member: string): string {
    const { fields, relations } = this.reference.model.entities.find(({ name }) => name === entity) ?? { fields: [], relations: [] }
    const relation = relations.find(({ name }) => name === member)
    const type = fields.find(({ name }) => name === member)?.type
    if (relation !== undefined) return relation.entity
    if (type?.kind === 'ref') return type.entity
    throw new Error(`${entity}.${member} leads to no row`)
  }
}
