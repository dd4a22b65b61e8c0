/** Why a file is refused while its bytes arrive. */

/** The reasons. */
export type FileRefusal = 'too-large' | 'wrong-type' | 'empty' | 'cut-off' | 'too-slow'

/** A file is refused while its bytes arrive. */
export class FileRefused extends Error {
  override readonly name = 'FileRefused'
  readonly why: FileRefusal

  constructor(why: FileRefusal) {
    super(why)
    this.why = why
  }
}
