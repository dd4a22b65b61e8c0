/** Forms of GraphQL documents that write: how many rows each must create, and which of its mutations are answered. */

import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { BodyValues } from '../../expected/abstract-request.ts'
import { inputValues, schemaNamesOf } from '../../requests/graphql-words.ts'
import type { Creator } from '../../security/spoiled-bodies.ts'

/** A longer text makes requests slow. */
const LONGEST = 10_000

/** A document that writes. */
export interface MutationForm {
  readonly goal: string
  readonly body: { readonly query: string; readonly variables: Readonly<Record<string, unknown>>; readonly operationName?: string }
  /** How many rows there must be more afterwards. */
  readonly created: number
  /** The mutations that must be answered, by their keys; null if `data` must be null. A mutation that is answered null is refused. */
  readonly answered: Readonly<Record<string, 'done' | 'refused'>> | null
}

/** Causes that GraphQL itself does not see in the type of a variable. */
const OF_A_ROW: ReadonlySet<string> = new Set(['unique', 'reference', 'check'])

/** The body with a text that is too long; null where no text has a limit. */
function tooLong({ fields }: Entity, body: BodyValues): BodyValues | null {
  for (const { name, type } of fields) {
    if (type.kind !== 'scalar' || type.scalar !== 'text' || type.max === null || !Object.hasOwn(body, name)) continue
    const most = Number(type.max)
    if (most <= LONGEST) return { ...body, [name]: 'x'.repeat(most + 1) }
  }
  return null
}

/** The forms for creates of an entity, with bodies that succeed together and one that must be refused; none without such bodies. */
export function mutationForms({ reference }: PlannedWorld, entity: Entity, creator: Creator): readonly MutationForm[] {
  const { create, createMany, types } = schemaNamesOf({ reference }, entity)
  const [first, second] = creator.good
  const wrong = tooLong(entity, first ?? {}) ?? creator.bad.find(({ cause }) => OF_A_ROW.has(cause))?.body
  if (first === undefined || second === undefined || wrong === undefined) return []
  const type = types.get('CreateInput')
  const declared = `($a: ${type}!, $b: ${type}!)`
  const one = (key: string, variable: string, directive = ''): string => `${key}: ${create}(input: $${variable})${directive} { id }`
  const input = (body: BodyValues): unknown => inputValues(entity, body)
  const form = (
    goal: string,
    query: string,
    [bodies, created, answered]: readonly [bodies: readonly BodyValues[], created: number, answered: MutationForm['answered']],
    more: { readonly operationName?: string } = {},
  ): MutationForm => ({
    ...{ goal: `mutation-${goal}`, created, answered },
    body: { query, variables: Object.fromEntries(bodies.map((body, i) => [['a', 'b'][i] ?? 'c', input(body)])), ...more },
  })
  const both = `mutation ${declared} { ${one('x', 'a')} ${one('y', 'b')} }`
  const atomic = `mutation ${declared} @atomic { ${one('x', 'a')} ${one('y', 'b')} }`
  return [
    form('two', both, [[first, second], 2, { x: 'done', y: 'done' }]),
    form('first-refused', both, [[wrong, first], 1, { x: 'refused', y: 'done' }]),
    form('second-refused', both, [[first, wrong], 1, { x: 'done', y: 'refused' }]),
    form('atomic', atomic, [[first, second], 2, { x: 'done', y: 'done' }]),
    form('atomic-first-refused', atomic, [[wrong, first], 0, null]),
    form('atomic-second-refused', atomic, [[first, wrong], 0, null]),
    form('skipped', `mutation ${declared} { ${one('x', 'a', ' @skip(if: true)')} ${one('y', 'b')} }`, [[first, second], 1, { y: 'done' }]),
    form('not-included', `mutation ${declared} { ${one('x', 'a', ' @include(if: false)')} ${one('y', 'b')} }`, [
      [first, second],
      1,
      { y: 'done' },
    ]),
    form('in-a-fragment', `mutation ${declared} { ...m ${one('y', 'b')} } fragment m on Mutation { ${one('x', 'a')} }`, [
      [first, second],
      2,
      { x: 'done', y: 'done' },
    ]),
    form('of-several', `query A { __typename } mutation B ($a: ${type}!) { ${one('x', 'a')} }`, [[first], 1, { x: 'done' }], {
      operationName: 'B',
    }),
    form(
      'query-of-several',
      `query A { __typename } mutation B ($a: ${type}!) { ${one('x', 'a')} }`,
      [[first], 0, { __typename: 'done' }],
      { operationName: 'A' },
    ),
    form('many', `mutation ($a: ${type}!, $b: ${type}!) { x: ${createMany}(inputs: [$a, $b]) { id } }`, [
      [first, second],
      2,
      { x: 'done' },
    ]),
    form('many-one-wrong', `mutation ($a: ${type}!, $b: ${type}!) { x: ${createMany}(inputs: [$a, $b]) { id } }`, [
      [first, wrong],
      0,
      { x: 'refused' },
    ]),
    form('unknown-type', both.replace(`${type}!`, 'NothingOfThisName!'), [[first, second], 0, null]),
  ]
}
