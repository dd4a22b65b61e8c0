// Made by plinth up from the design. Changes to this file are lost.
import type { CodeContext, CodeTable, ReadingTables } from 'plinth'

/** The rows of each entity, as code reads them. */
export interface Rows {
  readonly Person: {
    readonly id: string
    readonly email?: string | null
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
  }
  readonly Product: {
    readonly id: string
    readonly name: string
    readonly price: string
    readonly stock: number
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
  }
  readonly Coupon: {
    readonly id: string
    readonly code: string
    readonly percent: number
    readonly remaining: number
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
  }
  readonly Order: {
    readonly id: string
    readonly number: number
    readonly customer: string
    readonly product: string
    readonly quantity: number
    readonly total: string
    readonly note: string | null
    readonly createdAt: string
    readonly updatedAt: string
    readonly version: number
  }
}

/** The values of a new row. */
export interface NewRows {
  readonly Person: { readonly email: string; readonly password: string }
  readonly Product: {
    readonly name: string
    readonly price: string | number
    readonly stock?: number
    readonly orders?: readonly Omit<NewRows["Order"], "product">[]
  }
  readonly Coupon: { readonly code: string; readonly percent: number; readonly remaining?: number }
  readonly Order: {
    readonly product: string
    readonly quantity: number
    readonly total?: string | number
    readonly note?: string | null
  }
}

/** The values that an update may set. */
export interface Changes {
  readonly Person: { readonly email?: string; readonly password?: string }
  readonly Product: {
    readonly name?: string
    readonly price?: string | number | { readonly increment: string | number }
    readonly stock?: number | { readonly increment: number }
  }
  readonly Coupon: {
    readonly code?: string
    readonly percent?: number | { readonly increment: number }
    readonly remaining?: number | { readonly increment: number }
  }
  readonly Order: {
    readonly product?: string
    readonly quantity?: number | { readonly increment: number }
    readonly total?: string | number | { readonly increment: string | number }
    readonly note?: string | null
  }
}

/** The rows that include adds. */
export interface Related {
  readonly Person: { readonly orders: readonly Rows["Order"][] }
  readonly Product: { readonly orders: readonly Rows["Order"][] }
  readonly Coupon: Record<never, never>
  readonly Order: {
    readonly customer: Rows["Person"] | null
    readonly product: Rows["Product"] | null
  }
}

/** The tables of ctx.db. */
export interface Tables {
  readonly Person: CodeTable<Rows["Person"], NewRows["Person"], Changes["Person"], Related["Person"]>
  readonly Product: CodeTable<Rows["Product"], NewRows["Product"], Changes["Product"], Related["Product"]>
  readonly Coupon: CodeTable<Rows["Coupon"], NewRows["Coupon"], Changes["Coupon"], Related["Coupon"]>
  readonly Order: CodeTable<Rows["Order"], NewRows["Order"], Changes["Order"], Related["Order"]>
}

/** The tables of ctx.db.system, where the values that the server sets may be given, too. */
export interface SystemTables {
  readonly Person: CodeTable<Rows["Person"], NewRows["Person"], Changes["Person"], Related["Person"]>
  readonly Product: CodeTable<Rows["Product"], NewRows["Product"], Changes["Product"], Related["Product"]>
  readonly Coupon: CodeTable<Rows["Coupon"], NewRows["Coupon"], Changes["Coupon"], Related["Coupon"]>
  readonly Order: CodeTable<Rows["Order"], NewRows["Order"] & { readonly customer?: string }, Changes["Order"] & { readonly customer?: string }, Related["Order"]>
}

/** The caller. */
export interface Caller {
  readonly id: string | null
}

/** What a function returns, at once or later. */
type Answer<T> = T | Promise<T>

/** The functions of actions. */
export interface Actions {
  readonly "Order.repeat": (ctx: CodeContext<Tables, Caller, Record<never, never>, Rows["Order"]>) => Answer<{ readonly number: number }>
  readonly buy: (ctx: CodeContext<Tables & { readonly system: SystemTables }, Caller, {
    readonly product: Rows["Product"]
    readonly quantity: number
    readonly coupon?: string
    readonly note?: string | null
  }, null>) => Answer<{
    readonly number: number
    readonly total: string | number
    readonly note?: string
  }>
  readonly mine: (ctx: CodeContext<ReadingTables<Tables>, Caller, { readonly least: number }, null>) => unknown
  readonly later: (ctx: CodeContext<Tables, Caller, Record<never, never>, null>) => unknown
  readonly wild: (ctx: CodeContext<Tables & { readonly system: SystemTables }, Caller, { readonly how: string }, null>) => unknown
}
