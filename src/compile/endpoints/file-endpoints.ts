/** The endpoints of files: for each field that holds files, the addresses below those of its rows. */

import { LIMITS } from '../../base/limits.ts'
import { filePaths } from '../../model/address/built-in-paths.ts'
import { restBase } from '../../model/address/served.ts'
import { type EntityFile, filePlaces } from '../../model/files/file-fields.ts'
import type { Model } from '../../model/model.ts'
import type { Endpoint } from './endpoint.ts'
import { routePath } from './own-endpoints.ts'

/** What an endpoint of a file does. */
export type FileOperation = 'getFile' | 'putFile' | 'deleteFile' | 'linkFile' | 'openUpload' | 'sendUpload'

/** An endpoint of the files of a field. */
export interface FileEndpoint {
  readonly operation: FileOperation
  readonly place: EntityFile
  readonly endpoint: Endpoint
}

const COMMON = {
  presence: 'always',
  auth: 'optional',
  idempotent: false,
  answers: 'json',
  parameters: { query: 'refused', headers: [] },
  limit: { bodyBytes: LIMITS.bodyBytes, counted: true, transactionMs: null },
  description: null,
} as const

/** The endpoints, without their paths and the limits of their bodies. */
const OPERATIONS = {
  getFile: {
    ...COMMON,
    method: 'GET',
    parameters: { query: 'read', headers: ['IfNoneMatch'] },
    body: 'none',
    answers: 'file',
    failures: [400, 401, 403, 404, 414, 416, 422, 429, 431, 500, 503],
  },
  putFile: {
    ...COMMON,
    method: 'PUT',
    parameters: { query: 'read', headers: ['IfMatch'] },
    body: 'stream',
    failures: [400, 401, 403, 404, 406, 408, 409, 412, 413, 414, 415, 429, 431, 500, 503],
  },
  deleteFile: {
    ...COMMON,
    method: 'DELETE',
    parameters: { query: 'refused', headers: ['IfMatch'] },
    body: 'none',
    failures: [400, 401, 403, 404, 406, 409, 412, 414, 429, 431, 500, 503],
  },
  linkFile: { ...COMMON, method: 'POST', body: 'optional', failures: [400, 401, 403, 404, 406, 413, 414, 415, 429, 431, 500, 503] },
  openUpload: { ...COMMON, method: 'POST', body: 'optional', failures: [400, 401, 403, 406, 413, 415, 429, 431, 500, 503] },
  // The ticket says for whom the upload is.
  sendUpload: {
    ...COMMON,
    method: 'PUT',
    parameters: { query: 'read', headers: [] },
    body: 'stream',
    auth: 'none',
    failures: [400, 404, 406, 408, 413, 414, 415, 429, 431, 500, 503],
  },
} as const satisfies Readonly<Record<FileOperation, Omit<Endpoint, 'path'>>>

/** The endpoints of the files of one field, or of all. Links need the keys of an identity. */
export function fileEndpoints(model: Model, only?: EntityFile): readonly FileEndpoint[] {
  return (only === undefined ? filePlaces(model) : [only]).flatMap((place) => {
    const { entity, field } = place
    const [file, link, tickets, upload] = filePaths(`${restBase(model)}/${entity.path}`, field.name).map(routePath) as [
      string,
      string,
      string,
      string,
    ]
    const at = (path: string, operation: FileOperation): FileEndpoint => {
      const facts: Omit<Endpoint, 'path'> = OPERATIONS[operation]
      const limit = facts.body === 'stream' ? { ...facts.limit, bodyBytes: field.type.max } : facts.limit
      return { operation, place, endpoint: { ...facts, path, limit } }
    }
    return [
      at(file, 'getFile'),
      at(file, 'putFile'),
      ...(field.optional ? [at(file, 'deleteFile')] : []),
      ...(model.identity === null ? [] : [at(link, 'linkFile')]),
      at(tickets, 'openUpload'),
      at(upload, 'sendUpload'),
    ]
  })
}
