/** What a failure is about. */

/** What a failure is about, where no problem says it: names that the design may show in its errors. */
export interface FailureSubject {
  readonly entity: string | null
  /** A parameter of the query string. */
  readonly parameter: string | null
}

/** Of a failure that is about nothing of the design. */
export const NO_SUBJECT: FailureSubject = { entity: null, parameter: null }

interface SubjectParams {
  readonly entity?: unknown
  readonly name?: unknown
}

/** The entity or the parameter among the parameters of a sentence. Only sentences about parameters have a `name`. */
export function subjectOf(params: object): FailureSubject {
  const { entity, name } = params as SubjectParams
  if (typeof entity === 'string') return aboutEntity(entity)
  return typeof name === 'string' ? { entity: null, parameter: name } : NO_SUBJECT
}

/** The subject of a failure about an entity; null for none. */
export function aboutEntity(entity: string | null): FailureSubject {
  return entity === null ? NO_SUBJECT : { entity, parameter: null }
}
