/**
 * Where the bytes of files are. Each storage passes the same tests. A storage knows nothing of rows, callers and rules, and a key is never
 * a text of a user.
 */

import type { Readable } from 'node:stream'

/** The first and the last byte of a part, from 0. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** What is stored: the file of a key, or another form of it, such as an image in one of the sizes of the design. */
export interface StoredName {
  /** A UUID. */
  readonly key: string
  /** `file` is the file itself. */
  readonly form: string
}

/** A storage of files. */
export interface FileStorage {
  /**
   * Stores the bytes of a source as they arrive. The name can be read after the last byte is safe, and not before.
   *
   * @throws the error of the source, after which nothing can be read under the name; StorageError when the storage fails.
   */
  readonly write: (name: StoredName, source: AsyncIterable<Buffer>) => Promise<void>
  /** The bytes of a name, or a part of them; null when there is nothing of this name. @throws StorageError when the storage fails. */
  readonly read: (name: StoredName, range: ByteRange | null) => Promise<Readable | null>
  /** Removes every form of a key, and what an upload has left behind that did not end. @throws StorageError when the storage fails. */
  readonly remove: (key: string) => Promise<void>
  /** Checks that files can be written. @throws EnvironmentError that says what to do. */
  readonly check: () => Promise<void>
  readonly close: () => void
}

/** The storage cannot be used now. The message is for the log. `full`: there is no space left. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly full: boolean

  constructor(message: string, { cause, full = false }: { readonly cause?: unknown; readonly full?: boolean } = {}) {
    super(message, { cause })
    this.full = full
  }
}

/** A key or a form is the name of a file or object, so it has only these characters. @throws Error for another text (a defect). */
export function requireName({ key, form }: StoredName): void {
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(key)) throw new Error('a key of a file is a UUID')
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(form)) throw new Error('a form of a file is a word')
}
