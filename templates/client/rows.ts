// Types of rows: what the generated part says about an entity, and rows as a query asks for them.

/** What the generated part says about an entity. */
export interface EntityTypes {
  readonly id: string | number
  /** All fields; references are ids. */
  readonly row: object
  readonly create: object
  readonly patch: object
  readonly put: object
  readonly filter: object
  readonly sort: string
  readonly relations: object
  /** Whether every account that writes a row may read it: `row`, or `part` where the answer may have its id alone. */
  readonly written: 'row' | 'part'
}

/** A reference to one row. */
export interface One<To> {
  readonly to: To
  readonly kind: 'one'
}

/** A reference that is null, or leads to a row that you may not see. */
export interface Maybe<To> {
  readonly to: To
  readonly kind: 'maybe'
}

/** A relation to many rows. */
export interface Many<To> {
  readonly to: To
  readonly kind: 'many'
}

/** @internal */
export type FieldName<E extends EntityTypes> = keyof E['row'] & string
type RelationName<E extends EntityTypes> = keyof E['relations'] & string
type Target<E extends EntityTypes, K> = K extends keyof E['relations']
  ? E['relations'][K] extends { readonly to: infer To extends EntityTypes }
    ? To
    : never
  : never
type KindOf<E extends EntityTypes, K> = K extends keyof E['relations']
  ? E['relations'][K] extends { readonly kind: infer Kind }
    ? Kind
    : never
  : never
/** @internal */
export type Nothing = Record<never, never>
/** The same type, shown with its members. */
type Show<T> = { [K in keyof T]: T[K] } & {}

/** What to answer of a row: its fields, all unless given, and related rows. */
export interface Selection<E extends EntityTypes> {
  readonly fields?: readonly FieldName<E>[]
  readonly include?: Include<E>
}

/** The related rows to answer: `{ author: true }`, or with their fields: `{ author: { fields: ['name'] } }`. */
export type Include<E extends EntityTypes> = { readonly [K in RelationName<E>]?: true | Selection<Target<E, K>> }

/** Refuses names that an include does not have, at every depth. @internal */
export type Known<I, E extends EntityTypes> = {
  readonly [K in keyof I]: K extends RelationName<E> ? (I[K] extends true ? true : KnownPart<I[K], Target<E, K>>) : never
}
type KnownPart<S, E extends EntityTypes> = {
  readonly [P in keyof S]: P extends 'include' ? Known<S[P], E> : P extends 'fields' ? S[P] : never
}

/** A row as a query asks for it: an included reference is a row in place of its id. */
export type Row<E extends EntityTypes, F extends FieldName<E> = FieldName<E>, I = Nothing> = Show<
  Omit<Pick<E['row'], F>, keyof I> & { [K in keyof I & RelationName<E>]: Included<E, K, I[K]> } & {
    /** Where the rows of the relation go on; absent when they are complete. */
    [K in keyof I & string as KindOf<E, K> extends 'many' ? `${K}@next` : never]?: string
  }
>
type Included<E extends EntityTypes, K, S> =
  KindOf<E, K> extends 'many'
    ? Selected<Target<E, K>, S>[]
    : KindOf<E, K> extends 'maybe'
      ? Selected<Target<E, K>, S> | null
      : Selected<Target<E, K>, S>
type Selected<E extends EntityTypes, S> = Row<
  E,
  S extends { readonly fields: readonly (infer F)[] } ? F & FieldName<E> : FieldName<E>,
  S extends { readonly include: infer I } ? I : Nothing
>

/** A row that was written. Where the writer may not read it, only its id is there. */
export type Written<E extends EntityTypes, F extends FieldName<E>, I> = E['written'] extends 'row' ? Row<E, F, I> : PartOf<Row<E, F, I>>
type PartOf<R> = Show<Pick<R, keyof R & 'id'> & Partial<Omit<R, 'id'>>>
