/** The types with which `backend()` checks in the editor that a design declares every name that it uses. */

import type { HooksDesign, IntegrationsDesign, ServiceDesign } from './behaviour-design.ts'
import type { CheckedActions, CheckedJobs, CheckedShapes, CheckedWorkflows, TypedActions, TypedJobs } from './define-logic-types.ts'
import type { AccessDesign, Design, EntityDesign, IdentityDesign, SearchDesign, TargetsDesign, UniqueDesign } from './design.ts'
import type { FieldDesign, FieldKind } from './field-design.ts'
import type { FieldOptions } from './field-options.ts'
import type { SequenceField } from './given-field-design.ts'
import type { CheckedRequirements } from './requirements/requirement-design.ts'
import type { CheckedScenarios } from './requirements/scenario-design.ts'

/** Entities by name. */
export type EntityMap = Readonly<Record<string, EntityDesign>>
type FieldMap = Readonly<Record<string, FieldDesign>>
/** Services by name. */
export type ServiceMap = Readonly<Record<string, ServiceDesign>>

/**
 * The design that `backend()` takes, given its entities `E`, the inputs, outputs, `as`, `reads` and `transaction` of its actions, the
 * inputs `J`, `as` (`W`) and `transaction` (`X`) of its jobs, and its services `H`.
 */
export interface NameCheckedDesign<E extends EntityMap, I, O, S, R, T, J, H extends ServiceMap, W, X>
  extends Omit<
    Design,
    'entities' | 'on' | 'actions' | 'jobs' | 'workflows' | 'shapes' | 'targets' | 'integrations' | 'requirements' | 'scenarios'
  > {
  readonly entities: E & CheckedEntities<E>
  readonly jobs?: TypedJobs<NoInfer<E>, J, W, X>
  readonly actions?: TypedActions<NoInfer<E>, I, O, S, R, T, NoInfer<J>, NoInfer<H>>
  readonly integrations?: Omit<IntegrationsDesign, 'http'> & { readonly http?: H & KnownServices<H> }
  readonly workflows?: CheckedWorkflows<NoInfer<E>>
  readonly shapes?: CheckedShapes<NoInfer<E>>
  readonly on?: { readonly [event in `${Name<E>}.${string}`]?: NonNullable<Design['on']>[string] }
  readonly targets?: Omit<TargetsDesign, 'rows'> & { readonly rows?: { readonly [entity in Name<E>]?: number } }
  readonly requirements?: CheckedRequirements<NoInfer<E>>
  readonly scenarios?: CheckedScenarios<NoInfer<E>>
}

/** The parts of a design whose names are checked, for a design that is made from another one. */
export interface CheckedParts<E extends EntityMap> {
  readonly entities: E
  readonly actions?: CheckedActions<E>
  readonly jobs?: CheckedJobs<E>
  readonly workflows?: CheckedWorkflows<E>
  readonly shapes?: CheckedShapes<E>
  readonly requirements?: CheckedRequirements<E>
  readonly scenarios?: CheckedScenarios<E>
}

type CheckedEntities<E extends EntityMap> = {
  readonly [K in keyof E]: CheckedEntity<E[K]['fields'], E> & KnownKeys<E[K]>
}

/** Refuses unknown keys of an entity, and of the objects in it that have fixed keys. */
type KnownKeys<D extends EntityDesign> = NoOther<D, EntityDesign> & {
  readonly access?: NoOther<D['access'], AccessDesign>
  readonly identity?: NoOther<D['identity'], IdentityDesign>
  readonly hooks?: NoOther<D['hooks'], HooksDesign>
}

/** Refuses unknown keys of a service. */
type KnownServices<H extends ServiceMap> = { readonly [K in keyof H]: NoOther<H[K], ServiceDesign> }

/** The options of an entity that mention its fields `F`. */
interface CheckedEntity<F extends FieldMap, E extends EntityMap> {
  readonly fields: { readonly [K in keyof F]: CheckedField<F[K], F, E> }
  readonly identity?: CheckedIdentity<F>
  readonly indexes?: readonly (readonly Sorted<Indexable<F> | SystemName>[])[]
  readonly unique?: readonly (readonly Indexable<F>[] | (Omit<UniqueDesign, 'fields'> & { readonly fields: readonly Indexable<F>[] }))[]
  readonly actions?: CheckedActions<E>
  readonly search?: readonly NameOf<F, Searchable>[] | SearchDesign<NameOf<F, Searchable>>
}

interface CheckedIdentity<F extends FieldMap> extends IdentityDesign {
  readonly login: NameOf<F, 'email' | 'text'>
  readonly password: NameOf<F, 'password'>
  readonly role?: NameOf<F, 'choice' | 'text'>
  readonly claims?: readonly NameOf<F, Exclude<FieldKind, 'password' | 'token' | 'json' | 'list' | 'file' | 'computed'>>[]
}

type CheckedField<D extends FieldDesign, F extends FieldMap, E extends EntityMap> = CheckedWithin<D, F> & CheckedTarget<D, E>

type CheckedWithin<D, F extends FieldMap> =
  D extends SequenceField<infer W>
    ? [W] extends [Name<F>]
      ? unknown
      : { readonly within?: Name<F> }
    : D extends FieldOptions<infer W, boolean>
      ? [W] extends [Name<F>]
        ? unknown
        : { readonly unique?: boolean | { readonly within?: Name<F>; readonly where?: string; readonly named?: boolean } }
      : unknown

type CheckedTarget<D, E extends EntityMap> = D extends { readonly type: 'ref'; readonly entity: infer T }
  ? [T] extends [Name<E>]
    ? unknown
    : { readonly type: 'ref'; readonly entity: Name<E> }
  : unknown

type SystemName = 'id' | 'createdAt' | 'updatedAt' | 'version'
type Searchable = 'text' | 'email' | 'url' | 'choice' | 'list'
type Name<T> = keyof T & string
type Sorted<N extends string> = N | `-${N}`

/** The names of the fields whose type is one of `K`. */
type NameOf<F extends FieldMap, K extends FieldKind> = { [N in Name<F>]: F[N]['type'] extends K ? N : never }[Name<F>]
type Indexable<F extends FieldMap> = NameOf<F, Exclude<FieldKind, 'password' | 'token' | 'json' | 'file'>>

/** Refuses keys of `T` that `Known` does not have; TypeScript does not check an inferred object for them. The editor shows the text. */
type NoOther<T, Known> = { readonly [K in Exclude<keyof T, keyof Known>]: `there is no key ${K & string} here` }
