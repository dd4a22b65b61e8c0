/** The files of another commit, in a folder of their own with packages to run them. */

import { type ExecFileException, execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, lstat, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { EnvironmentError } from '../../src/base/environment-error.ts'
import { UsageError } from '../base/command-line.ts'
import { DESIGN, ROOT, type Tree, WORK } from '../base/folders.ts'

/** A commit that git knows. */
export interface Commit {
  /** All 40 digits. */
  readonly hash: string
  /** As many digits as git shows. */
  readonly short: string
  /** The first line of its message. */
  readonly subject: string
}

/** Finds a commit. @throws UsageError when git knows no commit of this name; EnvironmentError outside a repository. */
export async function findCommit(revision: string): Promise<Commit> {
  try {
    await git(['rev-parse', '--git-dir'])
  } catch (error) {
    const hint = 'Run it in a clone of the repository, with git installed.'
    throw new EnvironmentError('--against reads the other commit from git, and git finds no repository here', hint, { cause: error })
  }
  try {
    const hash = await git(['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])
    return { hash, short: await git(['rev-parse', '--short', hash]), subject: await git(['log', '-1', '--format=%s', hash]) }
  } catch (error) {
    throw new UsageError(`--against: git knows no commit ${JSON.stringify(revision)}`, { cause: error })
  }
}

/** The working tree in words: its commit, and how many files differ from it. */
export async function describeWorkingTree(): Promise<string> {
  const { short, subject } = await findCommit('HEAD')
  const changed = (await git(['status', '--porcelain'])).split('\n').filter((line) => line !== '').length
  if (changed === 0) return `the working tree, unchanged from ${short} (${subject})`
  return `the working tree, ${short} (${subject}) with ${changed === 1 ? '1 changed file' : `${changed} changed files`}`
}

/** What a commit needs to be served. */
const NEEDED = ['src/cli.ts', 'package.json', 'package-lock.json'] as const

/**
 * Brings the files of a commit to `.work/commits/<hash>`, unless they are there, with packages and with this tree's design.
 *
 * @throws EnvironmentError when the commit has no server, or npm cannot install its packages.
 */
export async function checkOut(commit: Commit, say: (line: string) => void): Promise<Tree> {
  const root = join(WORK, 'commits', commit.hash)
  if (!existsSync(root)) await writeFiles(commit, root)
  const missing = NEEDED.find((file) => !existsSync(join(root, file)))
  if (missing !== undefined) throw new EnvironmentError(`${commit.short} has no ${missing}`, 'Name a later commit.')
  await providePackages(root, { commit, say })
  return { root, design: await copyDesign(root) }
}

/** Writes a commit's files through an index of their own, which leaves the index and the branches of the repository as they are. */
async function writeFiles({ hash }: Commit, root: string): Promise<void> {
  const incomplete = `${root}.incomplete`
  const env = { ...process.env, GIT_INDEX_FILE: `${root}.index` }
  await rm(incomplete, { recursive: true, force: true })
  await mkdir(incomplete, { recursive: true })
  await git(['read-tree', hash], env)
  await git(['checkout-index', '--all', '--force', `--prefix=${incomplete}/`], env)
  await rm(env.GIT_INDEX_FILE, { force: true })
  await rename(incomplete, root)
}

/** Packages as the commit's lock file has them: this tree's own when the lock files are equal. */
async function providePackages(
  root: string,
  { commit, say }: { readonly commit: Commit; readonly say: (line: string) => void },
): Promise<void> {
  const modules = join(root, 'node_modules')
  const [own, other] = await Promise.all([ROOT, root].map((folder) => readFile(join(folder, 'package-lock.json'), 'utf8')))
  const there = await lstat(modules).catch(() => null)
  if (own === other) {
    if (there !== null) return
    await symlink(join(ROOT, 'node_modules'), modules, 'dir')
    return
  }
  if (there?.isDirectory() === true) return
  if (there !== null) await rm(modules)
  say(`installing the packages of ${commit.short}, whose package-lock.json differs`)
  try {
    // No install script is needed: Node is the one of this process, and PostgreSQL runs already.
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root })
  } catch (error) {
    await rm(modules, { recursive: true, force: true })
    throw new EnvironmentError(
      `npm ci fails in ${root}:\n${outputOf(error).slice(0, 1_000)}`,
      'Run it there by hand to see all of its output.',
    )
  }
}

/**
 * Copies this tree's design, and the example that it extends, into the other tree, where they import the `plinth` of that tree. Returns the
 * path of the copied design.
 */
async function copyDesign(root: string): Promise<string> {
  const folder = join(root, relative(ROOT, WORK), 'design')
  await rm(folder, { recursive: true, force: true })
  for (const file of [DESIGN, join(ROOT, 'examples/blog/design.ts')]) {
    const copy = join(folder, relative(ROOT, file))
    await mkdir(dirname(copy), { recursive: true })
    await cp(file, copy)
  }
  return join(folder, relative(ROOT, DESIGN))
}

/** What a program has printed, from the error that `execFile` rejects with; its message when the program printed nothing. */
export function outputOf(error: unknown): string {
  const { stdout = '', stderr = '', message } = error as ExecFileException
  const output = `${stdout}${stderr}`.trim()
  return output === '' ? message : output
}

async function git(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { stdout } = await promisify(execFile)('git', [...args], { cwd: ROOT, env, encoding: 'utf8' })
  return stdout.trim()
}
