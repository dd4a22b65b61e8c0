/** The types of a design's actions, steps, workflows and errors. */

import type { Code } from './behaviour-design.ts'
import type { EndpointDesign, InputPlaceOptions } from './endpoint-design.ts'
import type { ItemDesign } from './field-design.ts'

/** An expression (CEL), or a number, a boolean or null as a constant. A choice takes its bare word. */
export type ValueDesign = string | number | boolean | null

/** An answer: a JSON tree whose leaves are values. `{ each: 'l in order.lines', is: … }` is a list, with `key` an object. */
export type AnswerDesign = ValueDesign | AnswerObject

/** An object of an answer. */
export interface AnswerObject {
  readonly [name: string]: AnswerDesign
}

/** A row that the caller names: by its id, or by the value of a unique field. */
export interface ReferenceDesign extends InputPlaceOptions {
  readonly ref: string
  /** The unique field whose value is sent; the id unless given. */
  readonly by?: string
  /** Only rows for which this holds are found (CEL with the row's own fields). */
  readonly where?: string
  /** May be left out. */
  readonly optional?: boolean
  readonly description?: string
}

interface InputOptions extends InputPlaceOptions {
  /** May be left out. */
  readonly optional?: boolean
  readonly description?: string
}

type WithDefault<I> = I extends { readonly type: infer T }
  ? I & InputOptions & { readonly default?: T extends keyof InputDefaults ? InputDefaults[T] : string }
  : never

/** The types of the values of inputs that are no text in JSON. */
interface InputDefaults {
  readonly integer: number
  readonly number: number
  readonly decimal: number | string
  readonly boolean: boolean
}

/** A value of its own type that the caller sends. */
export type InputFieldDesign =
  | WithDefault<ItemDesign>
  | ({ readonly type: 'json' } & InputOptions)
  | ({
      readonly type: 'list'
      readonly of: ItemDesign
      readonly min?: number
      readonly max?: number
      readonly default?: readonly unknown[]
    } & InputOptions)

/** An input: `Entity.field` or a type, followed by `?` if it may be left out; a reference; or a field with its options. */
export type InputDesign = string | ReferenceDesign | InputFieldDesign

interface Repeated {
  /** The step is left out unless this is true (CEL). */
  readonly when?: string
  /** `i in cart.items`: the step is done once for each of them. */
  readonly each?: string
}

interface StepOptions extends Repeated {
  /** The name of the result. */
  readonly as?: string
}

type Where = string | readonly string[]
type Assignments = Readonly<Record<string, ValueDesign>>

/** Takes the first row of an entity or relation. */
export interface FindDesign extends StepOptions {
  readonly find: string
  readonly where?: Where
  readonly sort?: readonly string[]
  /** Continue without a row. */
  readonly optional?: boolean
  readonly else?: string
}

/** Takes rows of an entity or relation. */
export interface ListDesign extends StepOptions {
  readonly list: string
  readonly where?: Where
  readonly sort?: readonly string[]
  /** The maximum number of rows. */
  readonly limit?: ValueDesign
  readonly offset?: ValueDesign
  readonly distinct?: string
}

/** Continues only if the condition is true. */
export interface RequireDesign extends Repeated {
  readonly require: string
  readonly else?: string
}

/** Makes a row. */
export interface CreateDesign extends StepOptions {
  readonly create: string
  readonly set?: Assignments | 'input'
}

/** Takes the row with these values of a unique constraint, or makes it. */
export interface EnsureDesign extends StepOptions {
  readonly ensure: string
  readonly set?: Assignments | 'input'
  /** What changes in an existing row. */
  readonly existing?: Assignments
}

/** Changes a row, rows, or those of an entity for which `where` holds. */
export interface UpdateDesign extends StepOptions {
  readonly update: string
  readonly where?: Where
  readonly set: Assignments | 'input'
}

/** Deletes a row, rows, or those of an entity for which `where` holds. */
export interface DeleteDesign extends StepOptions {
  readonly delete: string
  readonly where?: Where
}

/** Runs the steps of another action. */
export interface CallDesign extends Repeated {
  readonly call: string
  /** The row of the called action. */
  readonly on?: string
  readonly input?: Assignments
}

/** Logs an event of its own about a row. */
export interface EmitDesign extends Repeated {
  /** `Order.confirmed`: the entity of the row, and a name. */
  readonly emit: string
  /** The row (CEL); that of the action unless given. */
  readonly on?: string
}

/** Adds a job in the transaction of the action. */
export interface EnqueueDesign extends Repeated {
  readonly enqueue: string
  readonly input?: Assignments
  /** The moment of its first run (CEL). */
  readonly at?: string
  /** How long it waits before its first run, in place of the delay of the job. */
  readonly delay?: string
}

/** Signs in: with inputs for the fields of login and password, or as an account that a `create` of this action has made. */
export interface SignInDesign extends Pick<StepOptions, 'as'> {
  readonly signIn: string | Assignments
}

/** One step of an action. Its first key is the verb. */
export type StepDesign =
  | FindDesign
  | ListDesign
  | RequireDesign
  | CreateDesign
  | EnsureDesign
  | UpdateDesign
  | DeleteDesign
  | CallDesign
  | EmitDesign
  | EnqueueDesign
  | SignInDesign

/** An action: an operation that the design adds, on one row (in an entity) or of the whole backend. */
export interface ActionDesign {
  readonly description?: string
  /** Whose rules apply to the steps: those of the caller, or none. */
  readonly as?: 'caller' | 'system'
  /** Who may call it (CEL); closed to all unless given. */
  readonly allow?: string
  readonly input?: Readonly<Record<string, InputDesign>>
  readonly steps?: readonly StepDesign[]
  readonly answer?: AnswerDesign
  /** An address of its own, such as `POST /checkout`. */
  readonly endpoint?: string | EndpointDesign
  /** The file of the page that an endpoint with type html answers, relative to the folder of the design. */
  readonly template?: string
  /** The file of the page that browsers get when it fails. */
  readonly errorTemplate?: string
  /** The session of the caller ends with it. */
  readonly signOut?: boolean
  /** Code in place of steps. */
  readonly run?: Code
  /** What the code answers. */
  readonly output?: Readonly<Record<string, InputDesign>>
  /** The code writes nothing. */
  readonly reads?: boolean
  /** The code opens its transaction itself. */
  readonly transaction?: 'own'
  /** Its transaction is serializable; Read Committed unless given. */
  readonly isolation?: 'serializable'
}

/** A transition between states: a row action that changes the state before its steps. */
export interface TransitionDesign extends ActionDesign {
  readonly from: string | readonly string[]
  readonly to: string
  /** A condition on the row (CEL). */
  readonly guard?: string
}

/** A state field and the transitions between its values. */
export interface WorkflowDesign {
  readonly entity: string
  readonly field: string
  /** The state of a new row; the default of the field unless given. */
  readonly initial?: string
  readonly transitions: Readonly<Record<string, TransitionDesign>>
}

/** An answer about one row that has a name, and is used like a function: `Profile(author)`. */
export interface ShapeDesign {
  /** The entity of the row. */
  readonly of: string
  readonly description?: string
  /** Fields of the row, also computed ones. */
  readonly fields?: readonly string[]
  /** Further members. Names without a dot are fields of the row. */
  readonly with?: AnswerObject
}

/** What a design says about a code. */
export interface ErrorCodeDesign {
  /** The HTTP status; 409 unless given. */
  readonly status?: number
  /** The name of its problem; what the entity is called unless given. */
  readonly name?: string
  /** What the client is told; the words of the code unless given. */
  readonly message?: string
  /** The path to which browsers are led in place of a page, such as `/login`. */
  readonly redirect?: string
}

/** The failures that the design adds, and the form of all failures. */
export interface ErrorsDesign {
  /** The body of every failure; Problem Details unless given. */
  readonly answer?: AnswerDesign
  /** By code, or by a status such as `'400'` for all codes that have it. */
  readonly codes?: Readonly<Record<string, ErrorCodeDesign>>
  /** By the rule that a value breaks. */
  readonly messages?: Readonly<Record<string, string>>
  /** The file of the page that browsers get in place of a failure. */
  readonly template?: string
  /** What an entity is called in errors. */
  readonly kinds?: Readonly<Record<string, string>>
}
