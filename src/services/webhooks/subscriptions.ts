/** Subscriptions to webhooks: rows of an entity of the design. */

import { empty, ident, numberLiteral, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Run, Statement } from '../../base/sql/statement.ts'
import { idColumn, idType, live } from '../../compile/rules/term-sql.ts'
import { type Entity, entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import type { SubscribedWebhook } from '../../model/webhooks/webhook.ts'
import { hostOf } from '../outgoing/reach.ts'

/** Subscriptions that are read at a time. */
export const PAGE = 500

/** A subscription that gets an event. */
export interface Subscriber {
  readonly id: string
  readonly account: string
  /** The host of its address; empty for an address that is none. */
  readonly host: string
}

/** The subscription of a message. */
export interface Subscription {
  readonly url: string
  /** The secret, and the previous one where there is one. */
  readonly secrets: string
  readonly isActive: boolean
}

/** The statements about the subscriptions of a webhook. */
export interface Subscriptions {
  /** The active ones for an event in the order of their ids, at most `PAGE`, after that with the id. @throws the driver's error */
  readonly to: (run: Run, type: string, after: string | null) => Promise<readonly Subscriber[]>
  /** Null for one that is not there. @throws the driver's error */
  readonly find: (run: Run, id: string) => Promise<Subscription | null>
  /** Makes it inactive. @throws the driver's error */
  readonly disable: (run: Run, id: string) => Promise<void>
}

const S = ident('s')

/** Makes the statements. */
export function openSubscriptions(model: Model, { name, entity: entityName, fields }: SubscribedWebhook): Subscriptions {
  const entity = entityNamed(model, entityName)
  const table = ident(entity.table)
  const column = (field: string): Sql => sql`${S}.${ident(fieldNamed(entity, field).column)}`
  const id = sql`${S}.${idColumn(entity)}`
  const type = idType(entity)
  const isOne = sql`${id} = ${slot('id', type)}${live(entity, S)}`
  const to: Statement = {
    name: `webhooks.subscribers ${name}`,
    sql: sql`select ${id}::text, ${column(fields.account)}::text, ${column(fields.url)} from ${table} ${S}
      where ${column(fields.active)} and ${column(fields.events)} @> array[${slot('type', 'text')}]${live(entity, S)}
        and (${slot('after', type)} is null or ${id} > ${slot('after', type)}) order by ${id} limit ${numberLiteral(PAGE)}`,
  }
  const previous = fields.previousSecret === null ? sql`null` : column(fields.previousSecret)
  const find: Statement = {
    name: `webhooks.subscription ${name}`,
    sql: sql`select ${column(fields.url)}, concat_ws(' ', ${column(fields.secret)}, nullif(${previous}, '')), ${column(fields.active)}
      from ${table} ${S} where ${isOne}`,
  }
  const disable: Statement = {
    name: `webhooks.disable ${name}`,
    sql: sql`update ${table} ${S} set ${columnName(entity, fields.active)} = false${maintained(entity)} where ${isOne} and ${column(fields.active)}`,
  }
  return {
    to: async (run, event, after) => {
      const rows = await run(to, { type: event, after })
      return rows.map(([own, account, url]) => ({ id: own ?? '', account: account ?? '', host: hostOf(url ?? '') }))
    },
    find: async (run, own) => {
      const [row] = await run(find, { id: own })
      return row === undefined ? null : { url: row[0] ?? '', secrets: row[1] ?? '', isActive: row[2] === 't' }
    },
    disable: async (run, own) => {
      await run(disable, { id: own })
    },
  }
}

function columnName(entity: Entity, field: string): Sql {
  return ident(fieldNamed(entity, field).column)
}

/** What every write changes: the version and the time. */
function maintained({ fields }: Entity): Sql {
  const [version, updatedAt] = (['version', 'updatedAt'] as const).map((system) => fields.find((field) => field.system === system))
  const next = version === undefined ? empty : sql`, ${ident(version.column)} = ${S}.${ident(version.column)} + 1`
  return updatedAt === undefined ? next : sql`${next}, ${ident(updatedAt.column)} = now()`
}
