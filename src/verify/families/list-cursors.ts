/** Cursors of another list than the one that is asked: they are refused, because they hold a position of another order. */

import { restBase } from '../../model/address/served.ts'
import type { Entity } from '../../model/model.ts'
import type { ProbeCase } from '../cases/probe.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import type { Answered } from '../expected/answered.ts'

/** The probe of an entity's lists. @param orders `sort` of lists that are served, at least one. */
export function foreignCursors(
  { reference }: PlannedWorld,
  id: string,
  { entity, user, orders }: { readonly entity: Entity; readonly user: string | null; readonly orders: readonly string[] },
): readonly ProbeCase[] {
  const { model } = reference
  const at = `${restBase(model)}/${entity.path}`
  if (model.served.rest === null || orders.length === 0) return []
  const listOf = (order: string, cursor: string | null): string =>
    `${at}?page[size]=1&sort=${order}${cursor === null ? '' : `&page[after]=${cursor}`}`
  return [
    {
      name: `${id}/foreign-cursors/pages`,
      claim: id,
      door: 'list',
      user,
      goals: ['foreign-cursors'],
      atoms: {},
      async ask(tools) {
        const token = tools.tokenOf(user)
        const get = (url: string): Promise<Answered> => tools.send({ method: 'GET', url, token })
        const why = 'a cursor belongs to the order of its list (docs/reference/rest.md#lists)'
        const cursors = new Map<string, string>()
        let last = { sent: { method: 'GET', url: listOf(orders[0] ?? '', null) }, answer: await get(listOf(orders[0] ?? '', null)) }
        for (const order of orders) {
          const { json } = await get(listOf(order, null))
          if (typeof json?.page?.next === 'string') cursors.set(order, json.page.next)
        }
        for (const [order, cursor] of cursors) {
          const wrongOnes = [
            ...[...cursors].flatMap(([other, theirs]) => (other === order ? [] : [[`the cursor of ${other}`, theirs] as const])),
            ['a cursor with a sign that no cursor has', `${cursor.slice(0, 2)}!${cursor.slice(2)}`] as const,
            ...changed(cursor, isTyped(entity, order)),
          ]
          for (const [what, wrong] of wrongOnes) {
            const sent = { method: 'GET', url: listOf(order, wrong) }
            const answer = await get(sent.url)
            last = { sent, answer }
            if (answer.status !== 400 || answer.json?.code !== 'invalid_cursor')
              return { wrong: `${what} is answered ${answer.status} by ${order}`, statuses: [400], why, ...last }
          }
        }
        return { wrong: null, statuses: [400], why, ...last }
      },
    },
  ]
}

/** Types of which not every text is a value. */
const TYPED: ReadonlySet<string> = new Set(['uuid', 'integer', 'number', 'decimal', 'timestamp', 'date', 'time', 'boolean'])

/** Whether a text may be no value of the last field of an order. */
function isTyped({ fields }: Entity, order: string): boolean {
  const last = order.split(',').at(-1)?.replace('-', '')
  const type = fields.find(({ name }) => name === last)?.type
  return type?.kind === 'scalar' && TYPED.has(type.scalar)
}

/**
 * A cursor with one value more, one less, and another one, if it is a list in JSON, as those of Plinth are.
 *
 * @param typed whether a text may be no value of the last field
 */
function changed(cursor: string, typed: boolean): readonly (readonly [what: string, cursor: string])[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (!Array.isArray(parts)) return []
    const written = (values: unknown): string => Buffer.from(JSON.stringify(values)).toString('base64url')
    return [
      ['a cursor with a value more', written([...parts, 'x'])],
      ['a cursor with a value less', written(parts.slice(0, -1))],
      ['a cursor with a number for a text', written([...parts.slice(0, -1), 1])],
      ...(typed ? [['a cursor with a value of another type', written([...parts.slice(0, -1), 'not a value'])] as const] : []),
      ['a cursor that is no list', written({ ...parts })],
    ]
  } catch {
    return []
  }
}
