/**
 * Marks a branch that the type checker proves cannot be taken. A union that gains a case stops compiling here;
 * a value that does not have its declared type throws.
 */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
