/** The type of fields that hold files. */

import type { FieldOptions } from './field-options.ts'

/** Options of a file field. */
export interface FileOptions<O extends boolean = boolean> extends Omit<FieldOptions<never, O>, 'unique' | 'set' | 'on' | 'erased'> {
  /** The most bytes: a number, or a text such as `10MB` (of 1024 times 1024 bytes); `5MB` unless given. */
  readonly max?: number | string
  /** The accepted media types, found by the content: `image/png`, or `image/*` for all images. Any file unless given. */
  readonly accept?: readonly string[]
  /** Smaller copies of an image, by name: `?size=thumb` at the address of the file. */
  readonly sizes?: Readonly<Record<string, SizeDesign>>
}

/** A smaller copy of an image. One of width and height is required. */
export interface SizeDesign {
  /** The most pixels. */
  readonly width?: number
  readonly height?: number
  /** `inside` (unless given): the whole image, within width and height. `cover`: cut to exactly width and height. */
  readonly fit?: 'inside' | 'cover'
}

/** A file field. */
export interface FileField<O extends boolean = boolean> extends FileOptions<O> {
  readonly type: 'file'
}

/** A file as rows show it. */
export interface StoredFile {
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** The media type. */
  readonly type: string
  /** The address of the file, without scheme and host. */
  readonly url: string
}
