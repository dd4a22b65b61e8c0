/** Workflows, from states and transitions. Who may take a transition stays closed. */

import { carry, type DraftField, type Drafting, designField, entityCalled, type NamedEntity } from './draft.ts'
import { memberName, untakenName } from './names.ts'

/** Adds the workflows of a sketch to the fields whose states they move. */
export function addWorkflows(drafting: Drafting): void {
  const { sketch, draft } = drafting
  const taken = new Set<string>()
  const moved = new Set<DraftField>()
  for (const workflow of sketch.workflows) {
    const object = { kind: 'workflow', name: workflow.name, at: workflow.at }
    const states = [...new Set(workflow.transitions.flatMap(({ from, to }) => [from, to]))]
    const found = fieldWith(states, workflow.of, drafting)
    if (found === null || moved.has(found.field)) {
      const why =
        found === null
          ? 'no choice field has these states; name it in the title, such as "Order.state"'
          : 'its field has a workflow already'
      draft.left.push({ ...object, why })
      continue
    }
    moved.add(found.field)
    const name = untakenName(memberName(workflow.name), taken)
    const actions = new Set(found.entity.taken)
    const transitions: Record<string, { from: string | string[]; to: string }> = {}
    const grouped = new Map<string, { name: string; from: string[]; to: string }>()
    for (const { name: label, from, to } of workflow.transitions) {
      const key = `${label ?? ''} ${to}`
      const before = grouped.get(key)
      if (before === undefined) grouped.set(key, { name: label ?? `to ${to}`, from: [from], to })
      else before.from.push(from)
    }
    for (const { name: label, from, to } of grouped.values()) {
      const [only = ''] = from
      transitions[untakenName(memberName(label), actions)] = { from: from.length === 1 ? only : [...new Set(from)], to }
    }
    const initial = workflow.initial
    if (initial !== null) found.field.default = initial
    draft.design.workflows ??= {}
    draft.design.workflows[name] = { entity: found.entity.name, field: found.name, transitions }
    carry(draft, ['workflows', name], object)
    Object.keys(transitions).forEach((transition, i) => {
      const at = workflow.transitions[i]?.at ?? workflow.at
      carry(draft, ['workflows', name, 'transitions', transition], { kind: 'transition', name: transition, at, note: 'closed to all' })
    })
  }
}

interface Found {
  readonly entity: NamedEntity
  readonly name: string
  readonly field: DraftField
}

/** The field that a workflow names, else the only choice field that has all its states. A named text becomes a choice of the states. */
function fieldWith(
  states: readonly string[],
  named: { readonly entity: string; readonly field: string } | null,
  { entities }: Drafting,
): Found | null {
  if (named !== null) {
    const entity = entityCalled(entities, named.entity) ?? entities.find(({ name }) => name === named.entity)
    const name = entity === undefined ? undefined : designField(entity, named.field)
    const field = name === undefined ? undefined : entity?.design.fields[name]
    if (entity !== undefined && name !== undefined && field !== undefined) {
      if (field.type === 'text') {
        delete field.max
        Object.assign(field, { type: 'choice', values: [...states] })
      }
      return field.type === 'choice' ? { entity, name, field } : null
    }
  }
  const fitting = entities.flatMap((entity) =>
    Object.entries(entity.design.fields).flatMap(([name, field]): readonly Found[] => {
      const values = field.type === 'choice' && Array.isArray(field.values) ? field.values : []
      return values.length > 0 && states.every((state) => values.includes(state)) ? [{ entity, name, field }] : []
    }),
  )
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}
