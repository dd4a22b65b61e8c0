/** The modules that get points at which a process is killed: all code between a request that writes and its last effect. */

const FOLDERS = [
  'src/server/write/',
  'src/server/actions/',
  'src/server/code/',
  'src/server/rest/',
  'src/server/graphql/',
  'src/server/auth/',
  'src/server/jobs/',
  'src/server/reactions/',
  'src/services/',
  'src/postgres/executor/',
] as const

/** Whether a file gets points. @param file its path below the repository, or its URL */
export function isPointed(file: string): boolean {
  return file.endsWith('.ts') && FOLDERS.some((folder) => file.includes(folder))
}
