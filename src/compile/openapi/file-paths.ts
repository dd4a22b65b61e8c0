/** The operations of files, in an OpenAPI document. */

import { capital } from '../../base/capital.ts'
import { unreachable } from '../../base/unreachable.ts'
import { filePaths } from '../../model/address/built-in-paths.ts'
import { restBase } from '../../model/address/served.ts'
import type { FileType } from '../../model/field-type.ts'
import { type EntityFile, fileFieldsOf } from '../../model/files/file-fields.ts'
import { isNever } from '../../model/predicate.ts'
import { type FileOperation, fileEndpoints } from '../endpoints/file-endpoints.ts'
import type { EntityView } from '../rules/view.ts'
import { TICKET_PATTERN } from '../values/file-tickets.ts'
import { code, componentRef, freeName, type JsonObject } from './component-names.ts'
import { errorResponses } from './errors.ts'
import { headerParameters } from './parameters.ts'
import { idParameter, label, writtenRow } from './paths.ts'
import { isOpen, isOpenToAnyone, type Scope } from './scope.ts'
import { anyone, signedIn } from './security.ts'

interface FileContext {
  readonly scope: Scope
  readonly entity: EntityView
  readonly operationIds: Set<string>
}

/** The path items of the files of an entity that the reader of the document may read or send. */
export function filePathsOf(context: FileContext): JsonObject {
  const { scope, entity } = context
  const items: Record<string, JsonObject> = {}
  for (const field of fileFieldsOf(entity.entity)) {
    const place = { entity: entity.entity, field }
    const rows = `${restBase(scope.model)}/${encodeURIComponent(entity.entity.path)}`
    const [file, link, tickets, upload] = filePaths(rows, field.name)
    const at: Readonly<Record<FileOperation, string>> = {
      ...{ getFile: file, putFile: file, deleteFile: file },
      ...{ linkFile: link, openUpload: tickets, sendUpload: upload },
    }
    for (const { operation, endpoint } of fileEndpoints(scope.model, place)) {
      if (!isFileShown(entity, place, operation)) continue
      const path = at[operation]
      const parameters = operation === 'sendUpload' ? [TICKET] : operation === 'openUpload' ? [] : [idParameter(entity)]
      const described = operationOf({ ...context, place }, operation)
      const known = items[path] ?? (parameters.length === 0 ? {} : { parameters })
      const failures = errorResponses(endpoint.failures)
      const { parameters: asked, responses, ...own } = described
      const all = [...headerParameters(endpoint), ...(asked as readonly JsonObject[])]
      const answered = { ...own, parameters: all, responses: { ...(responses as JsonObject), ...failures } }
      items[path] = { ...known, [endpoint.method.toLowerCase()]: answered }
    }
  }
  return items
}

const TICKET = {
  name: 'ticket',
  in: 'path',
  required: true,
  description: 'The ticket.',
  schema: { type: 'string', pattern: TICKET_PATTERN },
}

/** Whether the callers of a view may do it for some row. */
export function isFileShown(entity: EntityView, { field }: EntityFile, operation: FileOperation): boolean {
  const isReadable = isOpen(entity, 'read') && entity.readable.has(field.name)
  const isSettable = entity.writable.has(field.name)
  const isChanged = isSettable && isOpen(entity, 'update') && !field.immutable
  switch (operation) {
    case 'getFile':
    case 'linkFile':
      return isReadable
    case 'putFile':
    case 'deleteFile':
      return isChanged
    case 'openUpload':
    case 'sendUpload':
      return isChanged || (isSettable && !isNever(entity.create))
    default:
      return unreachable(operation)
  }
}

/** The body of a request with a file: the file itself, or a form with it. */
const SENT = {
  required: true,
  content: {
    '*/*': { schema: { type: 'string', format: 'binary' } },
    'multipart/form-data': {
      schema: {
        type: 'object',
        properties: { file: { type: 'string', format: 'binary' } },
        required: ['file'],
        additionalProperties: false,
      },
    },
  },
}

const TAGGED = { ETag: componentRef('headers', 'ETag') }
const LOCATED = { Location: { description: 'Where to send the file.', schema: { type: 'string', format: 'uri-reference' } } }
const BINARY = { '*/*': { schema: { type: 'string', format: 'binary' } } }

function operationOf(
  { scope, entity, operationIds, place }: FileContext & { readonly place: EntityFile },
  operation: FileOperation,
): JsonObject {
  const { field } = place
  const what = `the ${code(field.name)} of one ${label(entity)}`
  const kinds = field.type.accept === null ? '' : ` Accepted by content: ${field.type.accept.map(code).join(', ')}.`
  const limits = `At most ${field.type.max} bytes.${kinds}`
  const open = operation === 'getFile' || operation === 'linkFile' ? 'read' : 'update'
  const security = operation === 'sendUpload' || isOpenToAnyone(scope, entity.entity, open) ? anyone(scope) : signedIn(scope)
  const named = (verb: string, summary: string, description: string) => ({
    operationId: freeName(operationIds, `${verb}${entity.entity.name}${capital(field.name)}`),
    ...{ summary, description, tags: [entity.entity.name], security },
  })
  switch (operation) {
    case 'getFile':
      return {
        ...named(
          'get',
          `Read ${what}`,
          'Takes `Range` for one part. A file that you may not read gets the same answer as one that does not exist.',
        ),
        parameters: [
          query('download', { type: 'boolean' }, 'Whether a browser saves the file even if it could show it.'),
          query('expires', { type: 'integer' }, 'Of a link that expires.'),
          query('signature', { type: 'string' }, 'Of a link that expires.'),
          ...sizeParameter(field.type),
        ],
        responses: {
          200: { description: 'The file.', headers: TAGGED, content: BINARY },
          206: { description: 'The part of the file.', headers: TAGGED, content: BINARY },
          304: { description: 'Not changed since the version in If-None-Match.', headers: TAGGED },
        },
      }
    case 'putFile':
      return {
        ...named('put', `Set ${what}`, `The body is the file, whatever its Content-Type says, or a form with the file alone. ${limits}`),
        parameters: [NAME],
        requestBody: SENT,
        responses: { 200: { description: 'The row as it is now.', headers: TAGGED, content: inJson(writtenRow({ scope, entity })) } },
      }
    case 'deleteFile':
      return { ...named('delete', `Take ${what} away`, 'The row stays.'), parameters: [], responses: { 204: { description: 'Done.' } } }
    case 'linkFile':
      return {
        ...named('link', `Make a link to ${what}`, 'Anybody may follow the link until it expires or the file changes.'),
        parameters: [],
        requestBody: { required: false, content: inJson(LINK_REQUEST, { expiresIn: 3600 }) },
        responses: { 200: { description: 'The link.', content: inJson(LINK) } },
      }
    case 'openUpload':
      return {
        ...named(
          'openUploadOf',
          `Ask for a ticket to upload ${what}`,
          `The ticket stands for the file in a create or a change, within an hour. ${limits}`,
        ),
        parameters: [],
        requestBody: { required: false, content: inJson(UPLOAD_REQUEST, { name: 'file.bin', size: 1000 }) },
        responses: { 201: { description: 'The ticket, and where to send the file.', headers: LOCATED, content: inJson(UPLOAD) } },
      }
    case 'sendUpload':
      return {
        ...named(
          'sendUploadOf',
          `Upload ${what}`,
          `The body is the file, or a form with the file alone. Any client with the ticket may send it, once. ${limits}`,
        ),
        parameters: [NAME],
        requestBody: SENT,
        responses: { 200: { description: 'The file waits for a row.', content: inJson(UPLOADED) } },
      }
    default:
      return unreachable(operation)
  }
}

/** The parameter with the names of the sizes of an image; nothing without any. */
function sizeParameter({ sizes }: FileType): readonly JsonObject[] {
  if (sizes.length === 0) return []
  const measure = (pixels: number | null): string => (pixels === null ? 'any' : String(pixels))
  const told = sizes.map(({ name, width, height, fit }) => `${code(name)} (${measure(width)} × ${measure(height)}, ${fit})`)
  const schema = { type: 'string', enum: sizes.map(({ name }) => name) }
  return [query('size', schema, `A smaller copy of the image, as WebP: ${told.join(', ')}. The image as it was sent unless given.`)]
}

function inJson(schema: JsonObject, example?: unknown): JsonObject {
  return { 'application/json': { schema, ...(example === undefined ? {} : { example }) } }
}

function query(name: string, schema: JsonObject, description: string): JsonObject {
  return { name, in: 'query', required: false, description, schema }
}

const NAME = query('name', { type: 'string' }, 'The name of the file; that of `Content-Disposition` unless given.')
const TEXT = { type: 'string' } as const
const MOMENT = { type: 'string', format: 'date-time' } as const
const ADDRESS = { type: 'string', format: 'uri-reference' } as const
const BYTES = { type: 'integer', format: 'int64', minimum: 0 } as const

function closed(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }), additionalProperties: false }
}

const LINK_REQUEST = closed(
  { expiresIn: { type: 'integer', minimum: 1, maximum: 604_800, description: 'Seconds; 3600 unless given.' } },
  [],
)
const LINK = closed({ url: ADDRESS, expiresAt: MOMENT }, ['url', 'expiresAt'])
const UPLOAD_REQUEST = closed({ name: TEXT, size: BYTES }, [])
const UPLOAD = closed({ ticket: TEXT, url: ADDRESS, method: { const: 'PUT' }, expiresAt: MOMENT, maxBytes: BYTES }, [
  ...['ticket', 'url', 'method', 'expiresAt', 'maxBytes'],
])
const UPLOADED = closed({ ticket: TEXT, name: TEXT, size: BYTES, type: TEXT }, ['ticket', 'name', 'size', 'type'])
