/** Workflows, from states and transitions. Who may take a transition stays closed. */

import type { SketchWorkflow } from '../sketch/sketch.ts'
import { carry, type DraftField, type Drafting, designField, entityCalled, type NamedEntity } from './draft.ts'
import { memberName, untakenName } from './names.ts'
import { addStatefulEntity, bareName, subjectOfTitle } from './stateful-entities.ts'

/** Adds the workflows of a sketch to the fields whose states they move. */
export function addWorkflows(drafting: Drafting): void {
  const { sketch, draft } = drafting
  const taken = new Set<string>()
  const moved = new Set<DraftField>()
  for (const workflow of sketch.workflows) {
    const object = { kind: 'workflow', name: workflow.name, at: workflow.at }
    const states = [...new Set([workflow.initial, ...workflow.transitions.flatMap(({ from, to }) => [from, to])])].filter(
      (state) => state !== null,
    )
    const refusal = refusalOf(states)
    const found = refusal === null ? fieldOf(workflow, states, drafting) : null
    if (found === null || moved.has(found.field)) {
      draft.left.push({ ...object, why: refusal ?? 'its field has a workflow already' })
      for (const { name, from, to, at } of workflow.transitions)
        draft.left.push({ kind: 'transition', name: name ?? `${from} to ${to}`, at, why: 'its workflow was not carried over' })
      continue
    }
    moved.add(found.field)
    const first = workflow.initial ?? found.field.default ?? states[0]
    const start =
      workflow.initial === null && found.field.default === undefined ? `the diagram has no start; taken: ${String(first)}` : null
    if (first !== undefined) found.field.default = first
    const name = untakenName(memberName(workflow.name), taken)
    const design = { entity: found.entity.name, field: found.name, transitions: {} }
    draft.design.workflows = { ...draft.design.workflows, [name]: design }
    const notes = [found.note, start].filter((note) => note !== null)
    carry(draft, ['workflows', name], { ...object, note: notes.length === 0 ? null : notes.join('; ') })
    design.transitions = addTransitions(name, workflow, { entity: found.entity, drafting })
  }
}

function refusalOf(states: readonly string[]): string | null {
  const fits = states.length <= 200 && states.every((state) => state !== '' && state.length <= 200)
  return fits ? null : 'a choice has at most 200 values of 1 to 200 characters'
}

/** Transitions of one name to one state are one, from several states. */
function addTransitions(
  workflow: string,
  { transitions }: SketchWorkflow,
  { entity, drafting: { draft } }: { readonly entity: NamedEntity; readonly drafting: Drafting },
): Readonly<Record<string, { readonly from: string | readonly string[]; readonly to: string }>> {
  const actions = new Set(entity.taken)
  const groups = new Map<string, { readonly name: string; readonly from: string[]; readonly to: string }>()
  for (const { name: label, from, to, at } of transitions) {
    const object = { kind: 'transition', name: label ?? `${from} to ${to}`, at }
    const key = `${label ?? ''} ${to}`
    const group = groups.get(key) ?? { name: untakenName(memberName(label ?? `to ${to}`), actions), from: [], to }
    groups.set(key, group)
    if (!group.from.includes(from)) group.from.push(from)
    carry(draft, ['workflows', workflow, 'transitions', group.name], { ...object, note: 'closed to all' })
  }
  return Object.fromEntries(
    [...groups.values()].map(({ name, from: [only = '', ...others], to }) => [
      name,
      { from: others.length === 0 ? only : [only, ...others], to },
    ]),
  )
}

interface Found {
  readonly entity: NamedEntity
  readonly name: string
  readonly field: DraftField
  readonly note: string | null
}

/**
 * The field whose states a workflow moves: the one that it names, else the only choice with all its states, else the state or status of
 * the entity in its title, else that of a new entity. A text becomes a choice of the states.
 */
function fieldOf({ of, title, at }: SketchWorkflow, states: readonly string[], drafting: Drafting): Found {
  const { entities } = drafting
  const named = of === null ? null : (entityCalled(entities, of.entity) ?? entities.find(({ name }) => name === of.entity) ?? null)
  const namedField = of === null || named === null ? undefined : designField(named, of.field)
  const exact = named === null || namedField === undefined ? null : choiceOf(named, namedField, states)
  if (exact !== null) return exact
  const fitting = entities.flatMap((entity) =>
    Object.entries(entity.design.fields).flatMap(([name, field]): readonly Found[] => {
      const values = field.type === 'choice' && Array.isArray(field.values) ? field.values : []
      return values.length > 0 && states.every((state) => values.includes(state)) ? [{ entity, name, field, note: null }] : []
    }),
  )
  const [only, other] = fitting
  if (only !== undefined && other === undefined) return only
  const subject = of?.entity ?? subjectOfTitle(title, drafting)
  const titled = entities.find(({ sketch, name }) => [sketch.name, name].some((each) => bareName(each) === bareName(subject)))
  const state = ['state', 'status', `${bareName(subject)}State`, `${bareName(subject)}Status`]
    .map((word) => (titled === undefined ? undefined : designField(titled, word)))
    .find((word) => word !== undefined)
  const byTitle = titled === undefined || state === undefined ? null : choiceOf(titled, state, states)
  if (byTitle !== null) return { ...byTitle, note: `${titled?.name} is named above it` }
  return addStatefulEntity({ subject, field: of?.field ?? 'state', states, at, known: titled ?? named ?? null }, drafting)
}

/** A choice field that has all states; a text becomes one. */
function choiceOf(entity: NamedEntity, name: string, states: readonly string[]): Found | null {
  const field = entity.design.fields[name]
  if (field === undefined) return null
  if (field.type === 'text') {
    delete field.max
    delete field.min
    delete field.default
    Object.assign(field, { type: 'choice', values: [...states] })
  }
  const values = Array.isArray(field.values) ? field.values : []
  return field.type === 'choice' && states.every((state) => values.includes(state)) ? { entity, name, field, note: null } : null
}
