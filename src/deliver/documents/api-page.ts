/** The reference of the REST API as a page, made of its OpenAPI document. */

import { html, type Markup } from '../../verify/report/page/markup.ts'
import { type Section, table } from '../../verify/report/page/section.ts'
import { inline, row, sectionPage } from './inline.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
}

interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: Schema
}

interface Answer {
  readonly $ref?: string
  readonly description?: string
  readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>>
}

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Answer
  readonly responses?: Readonly<Record<string, Answer>>
}

/** The parts of an OpenAPI document that the page shows. */
export interface OpenApi {
  readonly info: { readonly title: string; readonly description?: string }
  readonly tags?: readonly { readonly name: string; readonly description?: string }[]
  readonly security?: Operation['security']
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: {
    readonly schemas?: Readonly<Record<string, Schema>>
    readonly parameters?: Readonly<Record<string, Parameter>>
    readonly responses?: Readonly<Record<string, Answer>>
  }
}

const METHODS: ReadonlySet<string> = new Set(['get', 'head', 'post', 'put', 'patch', 'delete', 'options'])
const OTHERS = 'other operations'

/** The page of a document. */
export function apiPage(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => (METHODS.has(method) ? [{ path, method: method.toUpperCase(), operation }] : [])),
  )
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? OTHERS)
  const sections = [...byTag].map(([tag, own]): Section => {
    const described = document.tags?.find(({ name }) => name === tag)?.description
    return {
      id: idOf('tag', tag),
      title: tag,
      body: html`${described === undefined ? null : html`<p>${inline(described)}</p>`}${own.map((one) => operationMarkup(document, one))}`,
    }
  })
  const schemas = Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => schemaMarkup(name, schema))
  return sectionPage(`${document.info.title}: REST API`, inline(document.info.description ?? ''), [
    ...sections,
    { id: 'schemas', title: 'Schemas', body: html`${schemas}` },
  ])
}

interface PlacedOperation {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

function operationMarkup(document: OpenApi, { path, method, operation }: PlacedOperation): Markup {
  const { summary = '', description, parameters = [], requestBody, responses = {} } = operation
  const given = parameters.map((parameter) => resolved(parameter, document.components?.parameters))
  const answers = Object.entries(responses).map(([status, answer]) => {
    const { description: said = '', content } = resolved(answer, document.components?.responses)
    return row([status, inline(said), bodyMarkup(content)])
  })
  return html`<details><summary><code>${method} ${path}</code> ${summary}</summary>
${description === undefined ? null : html`<p>${inline(description)}</p>`}<p class="note">${signedIn(operation.security ?? document.security)}</p>
${
  given.length === 0
    ? null
    : table(
        `Parameters of ${method} ${path}`,
        ['parameter', 'in', 'type', 'meaning'],
        given.map((one) =>
          row([
            html`<code>${one.name ?? ''}</code>${one.required === true ? ' (required)' : ''}`,
            one.in ?? '',
            typeMarkup(one.schema),
            inline(one.description ?? ''),
          ]),
        ),
      )
}${requestBody === undefined ? null : html`<p>Body: ${bodyMarkup(requestBody.content)}</p>${exampleMarkup(`Example of ${method} ${path}`, requestBody.content)}`}
${table(`Answers of ${method} ${path}`, ['status', 'meaning', 'body'], answers)}</details>`
}

function signedIn(security: Operation['security'] = []): string {
  if (security.length === 0 || security.every((one) => Object.keys(one).length === 0)) return 'Nobody needs to sign in.'
  return security.some((one) => Object.keys(one).length === 0) ? 'Callers may be signed in.' : 'Callers must be signed in.'
}

function bodyMarkup(content: Answer['content'] = {}): Markup {
  const kinds = Object.entries(content)
  return html`${kinds.map(([media, { schema }], i) => html`${i > 0 ? ', ' : ''}${typeMarkup(schema)} <span class="note">${media}</span>`)}`
}

function exampleMarkup(label: string, content: Answer['content'] = {}): Markup | null {
  const example = Object.values(content)[0]?.example
  return example === undefined
    ? null
    : html`<pre tabindex="0" role="region" aria-label="${label}">${JSON.stringify(example, null, 2)}</pre>`
}

function schemaMarkup(name: string, schema: Schema): Markup {
  const { properties = {}, required = [], description } = schema
  const rows = Object.entries(properties).map(([member, one]) =>
    row([html`<code>${member}</code>${required.includes(member) ? '' : ' (optional)'}`, typeMarkup(one), inline(one.description ?? '')]),
  )
  return html`<h3 id="${idOf('schema', name)}"><code>${name}</code></h3>${description === undefined ? null : html`<p>${inline(description)}</p>`}
${rows.length === 0 ? html`<p>${typeMarkup(schema)}</p>` : table(`Members of ${name}`, ['member', 'type', 'meaning'], rows)}`
}

/** The type of a schema in words; a named one as a link. */
function typeMarkup(schema: Schema | undefined): Markup {
  if (schema === undefined) return html`any`
  if (schema.$ref !== undefined) {
    const name = nameIn(schema.$ref)
    return html`<a href="#${idOf('schema', name)}">${name}</a>`
  }
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (several !== undefined)
    return html`${several.map((one, i) => html`${i > 0 ? (schema.allOf === undefined ? ' or ' : ' and ') : ''}${typeMarkup(one)}`)}`
  if (schema.enum !== undefined)
    return html`${schema.enum.map((value, i) => html`${i > 0 ? ', ' : ''}<code>${JSON.stringify(value)}</code>`)}`
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`
  if (schema.items !== undefined) return html`list of ${typeMarkup(schema.items)}`
  const types = [schema.type ?? 'any'].flat().join(' or ')
  return html`${types}${schema.format === undefined ? null : html` <span class="note">${schema.format}</span>`}`
}

function resolved<T extends { readonly $ref?: string }>(one: T, named: Readonly<Record<string, T>> = {}): T {
  return one.$ref === undefined ? one : (named[nameIn(one.$ref)] ?? one)
}

function nameIn(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

function idOf(kind: string, name: string): string {
  return `${kind}-${name.replaceAll(/[^\w.-]/g, '-')}`
}
