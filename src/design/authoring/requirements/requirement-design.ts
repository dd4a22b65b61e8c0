/** Requirements of a design: what was asked for, and the part of the design that meets it. */

/** What a requirement says in place of parts: nothing meets it yet, or it is not met on purpose. */
export type RequirementWord = 'open' | 'refused' | 'given' | 'outside'

/** A sentence of the architecture, and what meets it. `P` are the parts that an editor completes. */
export interface RequirementDesign<P extends string = string> {
  /** What was asked for, in the words of the document. */
  readonly text: string
  /** The document and the line, such as 'architecture.md:12'. */
  readonly source?: string
  /**
   * The parts of the design that meet it (`Order.access.read`, `workflows.shipping`, `targets.p99`), or tests
   * (`test/orders.test.ts#a name`). Or one word: `open`, `refused`, `given` (every backend of Plinth does it) or `outside` (no backend
   * could do it).
   */
  readonly by?: RequirementWord | P | readonly P[]
  /** Why it is refused, given or outside. */
  readonly because?: string
  /** What there is in place of what is refused. */
  readonly offer?: string
  /** What was assumed to meet it. */
  readonly assumed?: string
  readonly question?: QuestionDesign
}

/** A question about a requirement, for the people who asked for it. */
export interface QuestionDesign {
  readonly ask: string
  /** Two to five answers. */
  readonly options: readonly string[]
  /** The number of the answer that holds until somebody answers; 1 unless given. */
  readonly taken?: number
}

/** Keys of a design that requirements name, besides entities. */
type Root =
  | 'actions'
  | 'contract'
  | 'errors'
  | 'integrations'
  | 'jobs'
  | 'on'
  | 'routes'
  | 'rules'
  | 'scenarios'
  | 'schedules'
  | 'serve'
  | 'shapes'
  | 'targets'
  | 'workflows'
type TestName = `${string}.test.${'ts' | 'js' | 'mts' | 'mjs' | 'cts' | 'cjs'}${'' | `#${string}`}`

/** The requirements of a design with the entities `E`. What stands behind a key of the design, such as `actions.`, `plan` checks. */
export type CheckedRequirements<E> = Readonly<Record<string, RequirementDesign<PartName<E>>>>

type PartName<E> = EntityPart<E> | Root | `${Root}.${string}` | TestName

type EntityPart<E> = {
  [K in keyof E & string]:
    | K
    | `${K}.access${'' | `.${'read' | 'create' | 'update' | 'delete'}`}`
    | `${K}.${'actions' | 'checks' | 'fields' | 'hooks' | 'identity' | 'indexes' | 'search' | 'unique'}`
    | `${K}.${'actions' | 'checks' | 'hooks' | 'indexes' | 'unique'}.${string}`
    | FieldPart<K, E[K]>
}[keyof E & string]

type FieldPart<K extends string, D> = D extends { readonly fields: infer F } ? `${K}.fields.${keyof F & string}` : never
