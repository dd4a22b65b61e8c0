/** The answer of an action: a JSON tree, made of the rows after the last step. */

import { entityNamed, isToken } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { ALL, type Selected } from '../expected/abstract-request.ts'
import type { ActionWorld, NameMeaning, NamesAt } from './action-world.ts'
import { namesOfEach } from './rows-at.ts'
import { secretOf, sessionTokenOf } from './secrets.ts'
import type { ActionDesignAt } from './written-actions.ts'
import type { WrittenAnswer } from './written-logic.ts'

/** A whole row of an answer, in the form of a read of the entity. */
const WHOLE_ROW = /^([A-Z][A-Za-z0-9]*)\((.*)\)$/

/** `tasks.map(t, Task(t))`. */
const MAPPED = /^(.+)\.map\((\w+), ([A-Z][A-Za-z0-9]*\(.*\))\)$/

/** The JSON of an answer. */
export function answerOf(world: ActionWorld, tree: WrittenAnswer, names: NamesAt): unknown {
  if (tree === null || typeof tree === 'number' || typeof tree === 'boolean') return tree
  if (typeof tree === 'string') {
    const [, over, element, call] = MAPPED.exec(tree) ?? []
    if (over !== undefined && call !== undefined)
      return namesOfEach(world, `${element} in ${over}`, names).map((inner) => answerOf(world, call, inner))
    const [, entity, path = ''] = WHOLE_ROW.exec(tree) ?? []
    if (tree === 'auth.token') return tokenOfSession(world)
    const secret = tokenOf(world, tree, names)
    if (secret !== undefined) return secret
    return entity === undefined ? world.value(tree, names) : shaped(world, { name: entity, path }, names)
  }
  const { each, is = null, key } = tree
  if (typeof each !== 'string') return Object.fromEntries(Object.entries(tree).map(([name, part]) => [name, answerOf(world, part, names)]))
  const elements = namesOfEach(world, each, names)
  const items = elements.map((inner) => answerOf(world, is, inner))
  if (typeof key !== 'string') return items
  const keys = elements.map((inner) => world.value(key, inner))
  return Object.fromEntries(items.flatMap((item, i) => (keys[i] === null ? [] : [[String(keys[i]), item]])))
}

/**
 * "A shape is an answer about a row that has a name; of a missing row it is null." A row of a name keeps its last values if it is deleted.
 * Without a shape of this name, it is the row as a read gives it.
 */
function shaped(world: ActionWorld, { name, path }: { readonly name: string; readonly path: string }, names: NamesAt): unknown {
  const shape = world.reference.design.shapes?.[name]
  if (shape === undefined) return wholeRow(world, path, names)
  const known = names.get(path)
  const { entity, id } = world.rowAt(path, names)
  const own: NameMeaning = known?.kind === 'row' ? known : { kind: 'row', entity, id }
  const row = known?.kind === 'row' ? world.named(entity, id) : (world.live(entity).find((one) => one.id === id) ?? null)
  if (row === null || !(world.isSystem || world.sight.sees(entity, row))) return null
  const inner: NamesAt = new Map([['', own]])
  const fields = (shape.fields ?? []).map((field) => [field, world.value(field, inner)] as const)
  return { ...Object.fromEntries(fields), ...(answerOf(world, shape.with ?? {}, inner) as object) }
}

/** The token of a row that a step has made, whether the caller may read the row or not; undefined for any other leaf. */
function tokenOf(world: ActionWorld, leaf: string, names: NamesAt): string | null | undefined {
  const [step = '', field = '', ...more] = leaf.split('.')
  const name = names.get(step)
  if (name?.kind !== 'row' || more.length > 0) return undefined
  const { fields } = entityNamed(world.reference.model, name.entity)
  if (!fields.some((one) => one.name === field && isToken(one))) return undefined
  if (name.id === null) return null
  world.seen.add('answer shows a token')
  return secretOf(world.named(name.entity, name.id)?.[field] ?? null)
}

/** "`auth.token` is the access token of the new session"; without a sign-in it is that of the request. */
function tokenOfSession({ signedIn, seen }: ActionWorld): string {
  seen.add(signedIn === null ? 'answer shows the token of the request' : 'answer shows the token of a session')
  return sessionTokenOf(signedIn)
}

/** The row as a read of its entity gives it to the caller; null when it is missing or the caller may not read it. */
function wholeRow(world: ActionWorld, path: string, names: NamesAt): unknown {
  const { entity, id } = world.rowAt(path, names)
  const row = world.live(entity).find((one) => one.id === id)
  return row !== undefined && world.sight.sees(entity, row) ? world.sight.show(entity, row, partsOf(world, entity)) : null
}

/** What kind of caller a new account is, is not known before. So its rows have all fields that somebody may read, hidden ones as null. */
function partsOf({ isNewAccount, reference: { model } }: ActionWorld, entity: string): Selected {
  if (!isNewAccount) return ALL
  const { fields, derived } = entityNamed(model, entity)
  const readable = [...fields.filter(({ type }) => type.kind !== 'password'), ...derived].filter(({ read }) => !isNever(read))
  return { ...ALL, fields: readable.map(({ name }) => name) }
}

/** "Without one, an action of a row answers the row, unless it deletes it; any other answers 204." Undefined stands for no answer. */
export function defaultAnswer(world: ActionWorld, { entity, design: { steps = [] } }: ActionDesignAt, names: NamesAt): unknown {
  const deletesRow = steps.some((step) => 'delete' in step && step.delete === 'row')
  return entity === null || deletesRow ? undefined : wholeRow(world, 'row', names)
}
