/** The handler of each endpoint of files. */

import type { FileOperation } from '../../compile/endpoints/file-endpoints.ts'
import type { EntityFile } from '../../model/files/file-fields.ts'
import type { Answer } from '../http/answer.ts'
import type { Stack } from '../run/stack.ts'
import type { FileRequest } from './file-request.ts'
import { getFile } from './get-file.ts'
import { linkFile } from './link-file.ts'
import { deleteFile, putFile } from './put-file.ts'
import { openTicket, sendUpload } from './tickets.ts'

type FileHandler = (stack: Stack, place: EntityFile, asked: FileRequest) => Promise<Answer>

/** The handlers, by the operation of the endpoint. */
export const FILE_HANDLERS: Readonly<Record<FileOperation, FileHandler>> = {
  getFile,
  putFile,
  deleteFile,
  linkFile,
  openUpload: openTicket,
  sendUpload,
}
